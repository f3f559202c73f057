import Files
import ModelFiles
import NeuralNetwork
import Training

/// A model of another program with all that a checkpoint of it can take along.
public struct ConvertibleModel: Sendable {
  /// The network, its loss and the names of its classes.
  public let trained: TrainedModel
  /// How it was trained, as far as the file says.
  public let training: TrainingOptions
  /// What its optimizer remembers; `nil` where the file does not say.
  public let optimizer: OptimizerState?
  /// What could not be taken along, a sentence each.
  public let notes: [String]

  /// Reads a file that is no checkpoint.
  ///
  /// - Parameter model: the layers and the settings of a file that holds weights alone.
  /// - Throws: a `FileError`, as ``TrainedModel/init(contentsOf:model:)``; for a checkpoint too.
  public init(contentsOf path: String, model: ModelFile? = nil) throws(FileError) {
    switch try ModelFormat(of: path) {
    case .checkpoint:
      throw FileError(
        .invalid, file: path, expected: "a model of another program", found: "a checkpoint",
        hint: "it is what would be made of it")
    case .keras, .kerasLegacy, .kerasWeights:
      // A model file beside one that states its own layers is refused there.
      let read = try KerasModel(contentsOf: path, model: model)
      (trained, training) = (read.trained, read.training)
      (optimizer, notes) = (read.optimizer, read.notes)
    default:
      trained = try TrainedModel(contentsOf: path, model: model)
      training = model?.training ?? TrainingOptions()
      (optimizer, notes) = (nil, [])
    }
  }
}
