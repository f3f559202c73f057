import ArgumentParser
import MiniCNN

/// The network that a command looks at: as a model file states it, or as a checkpoint holds it.
struct NetworkArgument: ParsableArguments {
  @Argument(
    help: "A model file or a checkpoint.", completion: .file(extensions: ["yaml", "yml", "h5"]))
  var file: String

  /// The network of the file, that of a model file with weights of seed 0; and the settings that it is
  /// trained with, the defaults where those of the file do not go together: `train` reports that.
  func read() throws -> (network: Network, settings: TrainingSettings) {
    if try Checkpoint.isLikely(file) {
      let checkpoint = try Checkpoint(contentsOf: file)
      return (checkpoint.network, checkpoint.settings)
    }
    let model = try ModelFile(contentsOf: file)
    let settings = (try? model.training.resolve(defaultSeed: 0)) ?? TrainingSettings()
    do {
      return (try Network(model.spec, seed: 0), settings)
    } catch {
      throw Failure(.data, "\(file): \(error)")
    }
  }
}
