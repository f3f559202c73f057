import Files
import ImageData
import NeuralNetwork

/// ONNX: a graph of operators with its weights, which onnxruntime, OpenVINO, browsers and many others run.
///
/// The file has one input, `[N, C, H, W]` for images and `[N, C]` for vectors, any number N of samples at a time;
/// pixels are divided by 255, as in training. Its output is what the network gives, named for what it is
/// (``OutputMeaning``). Operator set 13 and version 7 of the format, of 2020, are what old runtimes read too.
public struct ONNXFormat: ExportFormat {
  /// `onnx`.
  public static let name = "onnx"
  /// `.onnx`.
  public static let endings = [".onnx"]
  /// What it is for.
  public static let help = "ONNX, for onnxruntime, OpenVINO, browsers and others"

  /// Creates the format.
  public init() {}

  /// The file of a model. Costs a few copies of its weights.
  ///
  /// - Throws: a `ModelError` that names the first layer that ONNX has no operators for.
  public func files(of model: ExportedModel, at path: String) throws -> [ExportedFile] {
    let outputs = Self.outputs(of: model.model)
    var file = ONNXModel()
    file.producer = "MiniCNN"
    file.graph = try ONNXGraphWriter(model.network, output: outputs).graph
    file.metadata = try ONNXMetadata(model, outputs: outputs).entries
    return [ExportedFile(path: path, bytes: file.bytes)]
  }

  /// What the file computes, as this library reads it.
  ///
  /// - Throws: a `FileError` where it is none that it reads.
  public func scores(
    _ files: [ExportedFile], of model: ExportedModel, _ images: ImageSet, _ numbers: [Int32]
  ) throws -> ExportScores {
    guard let file = files.first else { return .scores([]) }
    let model = try TrainedModel(onnx: file.bytes, path: file.path)
    return .scores(try model.network.scores(images, numbers))
  }

  /// What the outputs of a model are, which is the output's name in the file: `logits`, whose softmax are the
  /// probabilities of the classes; `probabilities`; `scores`, a logit for each output by itself, whose sigmoid is
  /// its probability; or `numbers`.
  static func outputs(of model: TrainedModel) -> String {
    switch (model.network.outputKind, model.loss.predicts) {
    case (.probabilities, _): "probabilities"
    case (.values, .probabilities): "logits"
    case (.values, .independentProbabilities): "scores"
    case (.independentProbabilities, _), (.values, .values): "numbers"
    }
  }
}
