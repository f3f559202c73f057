import ArgumentParser
import MiniCNN

/// Which images validate, where they are not a share of those that train.
struct ValidationFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder whose validation images, or else training images, validate, in place of a share of those that train.",
      valueName: "folder"),
    completion: .lookUp(.data))
  var validationData: String?

  @Option(
    help: ArgumentHelp("An IDX file of such images, instead of a folder.", valueName: "file"),
    completion: .idx)
  var validationImages: String?

  @Option(
    help: ArgumentHelp("The IDX file of their labels.", valueName: "file"), completion: .idx)
  var validationLabels: String?

  func validate() throws {
    if validationData != nil && (validationImages != nil || validationLabels != nil) {
      throw ValidationError(
        "--validation-data names all files; use it or --validation-images with --validation-labels,"
          + " not both")
    }
    if (validationImages == nil) != (validationLabels == nil) {
      throw ValidationError("--validation-images and --validation-labels go together")
    }
  }

  /// Whether the user named such data.
  var areStated: Bool { validationData != nil || validationImages != nil }

  /// The data that the user named; `nil` where there is none.
  var data: DataPaths? {
    get throws {
      if let validationImages, let validationLabels {
        return DataPaths([validationImages, validationLabels])
      }
      return try validationData.map {
        DataPaths([try Installation.current.path(of: $0, as: .data)])
      }
    }
  }
}
