import DataSets
import Files
import ImageData
import NeuralNetwork

/// Keras 3's `.keras`: a zip file of the model's configuration and its weights, which `keras.models.load_model` opens
/// with nothing else at hand.
///
/// A model that is a chain of layers is Sequential there, any other one Functional. Weights are those of the layers
/// under the same names. The model is not compiled, as whoever trains it further has a loss and an optimizer of their
/// own.
public struct KerasFormat: ExportFormat {
  /// `keras`.
  public static let name = "keras"
  /// `.keras`.
  public static let endings = [".keras"]
  /// What it is for, in a line.
  public static let help = "Keras 3: keras.models.load_model opens it"

  /// The names of the members.
  enum Member {
    static let config = "config.json"
    static let metadata = "metadata.json"
    static let weights = "model.weights.h5"
  }

  /// The format.
  public init() {}

  /// The one file of a model.
  ///
  /// - Throws: a `ModelError` that names the first layer Keras cannot state.
  public func files(of model: ExportedModel, at path: String) throws -> [ExportedFile] {
    let graph = try KerasExportGraph(model.network)
    var archive = ZipWriter(path: path)
    // Stored, as Keras does it: floats do not become smaller.
    try archive.add(
      Member.metadata, try KerasMetadata.metadata(of: model).bytes, isDeflated: false)
    try archive.add(
      Member.config, try graph.config(named: model.name).bytes, isDeflated: false)
    try archive.add(
      Member.weights, try graph.weights("\(path): \(Member.weights)"), isDeflated: false)
    return [ExportedFile(path: path, bytes: try archive.finish())]
  }

  /// What the file computes, read as any file of Keras.
  public func scores(
    _ files: [ExportedFile], of model: ExportedModel, _ images: ImageSet, _ numbers: [Int32]
  ) throws -> ExportScores {
    guard let file = files.first else { return .scores([]) }
    let read = try KerasModel(archive: file.bytes, path: file.path)
    return .scores(try read.trained.network.scores(images, numbers))
  }
}
