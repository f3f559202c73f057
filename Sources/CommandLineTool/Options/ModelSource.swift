import ArgumentParser
import Files
import MiniCNN

/// The trained model that a command works with: a checkpoint, or a file of another framework.
struct ModelSourceArgument: ParsableArguments {
  @Argument(
    help: "The checkpoint, a model of Keras, ONNX or safetensors, or the name of an installed one.",
    completion: .lookUp(.trainedModel))
  var file: String
  @Option(
    help: ArgumentHelp(
      "The model file (YAML) of a file that holds weights alone.", valueName: "file"),
    completion: .lookUp(.modelFile))
  var model: String?

  /// The path of the file.
  var path: String { get throws { try Installation.current.path(of: file, as: .weights) } }

  /// Reads the model file that was named, if any.
  func readModel() throws -> ModelFile? { try model.map { try ModelOption.read(named: $0) } }

  /// Reads the file.
  func read() throws -> ModelSource { try ModelSource(try path, model: try readModel()) }
}

/// A trained model, and the file that it was read from.
struct ModelSource {
  let file: String
  let format: ModelFormat
  /// The model; a checkpoint's with the average of its weights where the run kept one.
  let model: TrainedModel
  /// The checkpoint, where it is one.
  let checkpoint: Checkpoint?

  init(_ file: String, model: ModelFile? = nil) throws {
    guard let format = try ModelFormat(of: file) else {
      throw FileError(notAModel: file)
    }
    (self.file, self.format) = (file, format)
    checkpoint =
      format == .checkpoint && model == nil ? try Checkpoint(contentsOf: file) : nil
    self.model =
      try checkpoint.map { TrainedModel($0) } ?? TrainedModel(contentsOf: file, model: model)
    for remark in self.model.remarks { Terminal.message("warning: \(file): \(remark)".onOneLine) }
  }

  /// The model with the weights that were asked for.
  func model(_ flag: WeightsFlag) throws -> TrainedModel {
    var model = model
    if let checkpoint {
      model.network = try flag.network(of: checkpoint, file: file)
    } else if flag.weights == .average {
      throw Failure(.data, "\(file): is \(format.description), which has no average of its weights")
    }
    return model
  }

  /// Whether ``model(_:)`` has averaged weights.
  func isAverage(_ flag: WeightsFlag) -> Bool { checkpoint.map { flag.isAverage($0) } ?? false }

  /// The names of the classes, or numerals where nobody has named them; none where the outputs are no classes.
  var names: [String] {
    guard model.classNames.isEmpty else { return model.classNames }
    guard checkpoint == nil, model.predictsClasses else { return [] }
    return (0..<model.network.outputShape.count).map(String.init)
  }
}
