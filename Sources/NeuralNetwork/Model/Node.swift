/// One step of a network: what it computes, from which activation to which.
///
/// Activations are numbered: 0 is the input of the network, every node writes one of its own. Blocks are
/// unrolled, so a network is one list of nodes.
public struct Node: Sendable {
  /// What a node computes.
  enum Operation: Sendable {
    /// A layer with one input.
    case layer(any Layer)
    /// What joins several activations at the end of a block.
    case combination(Combination)

    /// The same with the next layer's work done along with its own, where that can be done.
    func absorbing(_ next: any Layer, training: Bool) -> Operation? {
      switch self {
      case .layer(let layer): layer.absorbing(next, training: training).map { .layer($0) }
      case .combination(let combination): combination.absorbing(next).map { .combination($0) }
      }
    }
  }

  /// The layer's name, unique in its network.
  public let name: String
  /// The name of this kind of layer in a model file; `add`, `multiply` or `concatenate` where a block's
  /// activations are joined.
  public let kind: String
  /// What the model states of it: a layer with its settings; `nil` where a block's activations are joined.
  package let spec: (any LayerSpec)?
  /// What it computes.
  let operation: Operation
  /// The numbers of the activations it reads, one unless it is a combination.
  package let inputs: [Int]
  /// The number of the first activation it reads.
  package let input: Int
  /// The number of the activation it writes.
  package let output: Int
  /// The shape of one sample of its output.
  public let outputShape: Shape
  /// Whether training changes its variables: it is not frozen.
  public let isTrained: Bool
  /// Whether it computes in training as it does otherwise: frozen batch normalization.
  let isAtRest: Bool
  /// The layer, if its training pass depends on the whole batch.
  let batchWide: (any BatchWideLayer)?
  /// The layer, if threads can share a single sample.
  let divisible: (any DivisibleLayer)?
  /// The layer, if its variables' gradient is computed for the whole batch at once.
  let gathering: (any GatheringLayer)?

  init(
    name: String, kind: String, spec: (any LayerSpec)? = nil, operation: Operation, inputs: [Int],
    output: Int, outputShape: Shape, isTrained: Bool
  ) {
    self.name = name
    self.kind = kind
    self.spec = spec
    self.operation = operation
    self.inputs = inputs
    input = inputs[0]
    self.output = output
    self.outputShape = outputShape
    self.isTrained = isTrained
    guard case .layer(let layer) = operation else {
      (batchWide, divisible, gathering, isAtRest) = (nil, nil, nil, false)
      return
    }
    let meeting = layer as? any BatchWideLayer
    batchWide = isTrained ? meeting : nil
    isAtRest = meeting != nil && !isTrained
    let pieces = layer as? any DivisibleLayer
    divisible = (pieces?.outputPieces ?? 1) > 1 ? pieces : nil
    gathering = isTrained ? layer as? any GatheringLayer : nil
  }

  /// The layer, if it is one.
  public var layer: (any Layer)? {
    if case .layer(let layer) = operation { layer } else { nil }
  }

  /// Where it leaves zeros.
  var sparsity: Sparsity {
    switch operation {
    case .layer(let layer): layer.sparsity
    case .combination(let combination): combination.sparsity
    }
  }

  /// Whether the node reads an activation.
  func reads(_ activation: Int) -> Bool { inputs.contains(activation) }
}
