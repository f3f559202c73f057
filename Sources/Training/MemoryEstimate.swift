import NeuralNetwork

/// The bytes that a network's numbers take in 32-bit floats.
///
/// It counts what the model states. A pass may take less, as layers are fused and batches worked on in parts
/// that fit a core's cache, and more for what layers keep for the way back and work in.
public struct MemoryEstimate: Sendable, Equatable {
  /// All variables: parameters and statistics.
  public let parameters: Int
  /// The input and the output of every layer, for one sample.
  public let activations: Int
  /// The same for a training batch, and the gradients of them all.
  public let batch: Int
  /// What the optimizer remembers of the trained parameters, and the average of the weights where the settings
  /// ask for one.
  public let optimizer: Int

  /// Adds up what a network takes that is trained with these settings.
  public init(_ network: Network, settings: TrainingSettings) {
    let size = MemoryLayout<Float>.stride
    let variables = network.layout.entries.reduce(0) { $0 + $1.variable.shape.count }
    let numbers = network.nodes.reduce(network.inputShape.count) { $0 + $1.outputShape.count }
    parameters = size * variables
    activations = size * numbers
    // A model's activations and a batch are each so bounded that this fits.
    batch = 2 * activations * settings.batchSize
    let slots = settings.update.optimizer.slots.count * network.trainedParameterCount
    optimizer = size * (slots + (settings.weightAverage == nil ? 0 : variables))
  }
}
