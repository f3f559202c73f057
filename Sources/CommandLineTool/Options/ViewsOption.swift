import ArgumentParser
import MiniCNN

/// The views of each image that a command predicts.
struct ViewsOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Average what is predicted for several views of each image: as it is, and as stated here, \
      separated by spaces, each of comma-separated \(ImageView.keys.joined(separator: ", ")) \
      (degrees, factor, degrees, pixels): "rotation=4 rotation=-4,scale=0.95".
      """, valueName: "views"))
  var views: String?

  private func parsed() throws(SettingError) -> Views {
    try views.map { text throws(SettingError) in try Views.value(text, of: "views") } ?? Views()
  }

  func validate() throws {
    do throws(SettingError) {
      _ = try parsed()
    } catch {
      throw ValidationError(error.asTyped)
    }
  }

  /// The views, which suit what the network takes.
  func views(for network: Network) throws(SettingError) -> Views {
    let views = try parsed()
    try views.check(network.inputShape)
    return views
  }
}
