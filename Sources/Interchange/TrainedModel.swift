import Checkpoints
import Files
import NeuralNetwork
import Training

/// A network with its weights, wherever it was trained, and what using it takes besides.
public struct TrainedModel: Sendable {
  /// The layers and their weights.
  public var network: Network
  /// What it was trained to minimize, which says what its outputs stand for.
  public var loss: any Loss
  /// The names of the classes, one for each output; none where outputs are no classes, or nobody has named them.
  public var classNames: [String]

  /// What had to be concluded from the file that it was read from, a line each, for people to look at; nothing as a
  /// rule.
  public internal(set) var remarks: [String] = []

  /// Puts them together.
  public init(
    network: Network, loss: any Loss = CrossEntropy(), classNames: [String] = []
  ) {
    (self.network, self.loss, self.classNames) = (network, loss, classNames)
  }

  /// What the network's outputs are.
  public var outputMeaning: OutputMeaning { network.outputMeaning(with: loss) }

  /// Whether the outputs stand for classes, with a probability for each.
  public var predictsClasses: Bool {
    network.outputShape.rank == 1
      && (outputMeaning == .logits || outputMeaning == .probabilities)
  }

  /// What a checkpoint's network is, with its averaged weights where the run kept an average, or else the last
  /// ones.
  public init(_ checkpoint: Checkpoint) {
    self.init(
      network: checkpoint.network, loss: checkpoint.settings.loss,
      classNames: checkpoint.hasClasses ? checkpoint.classNames : [])
  }
}
