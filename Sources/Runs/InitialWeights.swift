import Checkpoints
import Files
import NeuralNetwork

/// The weights that a run begins with, in place of random ones.
public struct InitialWeights: Sendable {
  /// A checkpoint, or a file that Keras saved.
  public let path: String
  /// Whether every layer has to be in the file, and no other with variables.
  public let isStrict: Bool

  /// Names the file. Without `isStrict` a run takes the layers that fit by name and shape and starts the
  /// others anew.
  public init(_ path: String, isStrict: Bool = false) {
    self.path = path
    self.isStrict = isStrict
  }

  func load(into network: inout Network) throws(FileError) -> WeightTransfer {
    try network.takeWeights(from: path, isStrict: isStrict)
  }
}
