/// One step of a network: what it computes, from which activation to which.
///
/// Activations are numbered: 0 is the input of the network, every node writes one of its own. A
/// residual block is unrolled, so a network is one list of nodes.
public struct Node: Sendable {
  /// What a node computes.
  package enum Operation: Sendable {
    /// A layer with one input.
    case layer(any Layer)
    /// The sum of two activations of one shape, at the end of a residual block.
    case add(Int)
  }

  /// The layer's name, unique in its network.
  public let name: String
  /// What it computes.
  package let operation: Operation
  /// The number of the activation it reads.
  package let input: Int
  /// The number of the activation it writes.
  package let output: Int
  /// The shape of one sample of its output.
  public let outputShape: Shape
  /// The layer, if its training pass depends on the whole batch.
  let batchWide: (any BatchWideLayer)?
  /// The layer, if threads can share a single sample.
  let divisible: (any DivisibleLayer)?
  /// The layer, if its variables' gradient is computed for the whole batch at once.
  let gathering: (any GatheringLayer)?

  init(name: String, operation: Operation, input: Int, output: Int, outputShape: Shape) {
    self.name = name
    self.operation = operation
    self.input = input
    self.output = output
    self.outputShape = outputShape
    guard case .layer(let layer) = operation else {
      (batchWide, divisible, gathering) = (nil, nil, nil)
      return
    }
    batchWide = layer as? any BatchWideLayer
    let pieces = layer as? any DivisibleLayer
    divisible = (pieces?.outputPieces ?? 1) > 1 ? pieces : nil
    gathering = layer as? any GatheringLayer
  }

  /// The name of this kind of layer in a model file; `add` for a sum.
  public var kind: String { layer?.kind ?? "add" }

  /// The layer, if it is one.
  public var layer: (any Layer)? {
    if case .layer(let layer) = operation { layer } else { nil }
  }

  /// Whether the node reads an activation.
  func reads(_ activation: Int) -> Bool {
    if case .add(let other) = operation, other == activation { return true }
    return input == activation
  }
}
