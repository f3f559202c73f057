import ArgumentParser
import MiniCNN

/// The network that a command looks at: as a model file states it, or as a checkpoint holds it.
struct NetworkArgument: ParsableArguments {
  @Argument(
    help:
      "A model file, a checkpoint, a model of Keras, ONNX or safetensors, or an installed name.",
    completion: .lookUp(.network))
  var file: String
  @Option(
    help: ArgumentHelp(
      "The model file (YAML) of a file that holds weights alone.", valueName: "file"),
    completion: .lookUp(.modelFile))
  var model: String?

  /// The network of the file, that of a model file with weights of seed 0; and the settings that it is
  /// trained with, the defaults where those of the file do not go together: `train` reports that.
  func read() throws -> (network: Network, settings: TrainingSettings) {
    let file = try Installation.current.path(of: file, as: .model, .weights)
    let statedModel = try model.map { try ModelOption.read(named: $0) }
    let format = try ModelFormat(of: file)
    if statedModel != nil || format != nil {
      let source = try ModelSource(file, model: statedModel)
      return (source.model.network, source.checkpoint?.settings ?? TrainingSettings())
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
