import Platform

/// Appends layers one after the other, working out every shape, and names the one that does not
/// fit.
public struct GraphBuilder {
  private(set) var nodes: [Node] = []
  private(set) var shapes: [Shape]
  /// The number of the activation that the next layer reads.
  public private(set) var current = 0
  private var uses: [String: Int] = [:]
  private var names: Set<String> = []
  /// Whether what is appended is trained, which no block around it forbids.
  private var isTrained = true

  /// The most numbers one sample may have between two layers: 64 Mi, a quarter of a gigabyte.
  static let largestActivation = 1 << 26

  init(input: Shape) { shapes = [input] }

  /// The shape of the activation that the next layer reads.
  public var shape: Shape { shapes[current] }

  /// Appends layers and blocks one after the other; errors name each by its number.
  public mutating func append(contentsOf layers: [any LayerSpec]) throws(ModelError) {
    let outer = isTrained
    defer { isTrained = outer }
    for (number, spec) in layers.enumerated() {
      do {
        isTrained = outer && spec.common.trainable
        try spec.check()
        try spec.add(to: &self)
      } catch {
        throw error.at("layer \(number + 1) (\(spec.name ?? spec.kind))")
      }
    }
  }

  /// Appends one layer after the current activation.
  public mutating func append(_ spec: any LayerSpec) throws(ModelError) {
    try spec.check()
    var layer = try spec.build(input: shape)
    if var stochastic = layer as? any StochasticLayer {
      stochastic.node = nodes.count
      layer = stochastic
    }
    let name = try uniqueName(spec.name, kind: spec.kind)
    let outer = isTrained
    defer { isTrained = outer }
    isTrained = outer && spec.common.trainable
    try put(.layer(layer), inputs: [current], name: name, shape: layer.outputShape)
  }

  /// Appends the sum of the current activation and another one of the same shape.
  public mutating func appendSum(with other: Int, named name: String? = nil) throws(ModelError) {
    try join(.sum, [current, other], name)
  }

  /// Appends the product of the current activation and another one: of the same shape, or a vector with
  /// a number for each channel of an image.
  public mutating func appendProduct(with other: Int, named name: String? = nil) throws(ModelError)
  {
    try join(.product, [current, other], name)
  }

  /// Appends the concatenation of activations along their last axis, in this order.
  public mutating func appendConcatenation(
    of activations: [Int], named name: String? = nil
  ) throws(ModelError) {
    verify(activations)
    try join(.concatenation(widths: activations.map { shapes[$0].last }), activations, name)
  }

  /// Lets the next layer read an earlier activation, a former ``current``.
  public mutating func rewind(to activation: Int) {
    require(
      shapes.indices.contains(activation), "activation \(activation) of \(shapes.count)")
    current = activation
  }

  private func verify(_ inputs: [Int]) {
    require(
      !inputs.isEmpty && inputs.allSatisfy(shapes.indices.contains),
      "activations \(inputs) of \(shapes.count)")
  }

  private mutating func join(
    _ combination: Combination, _ inputs: [Int], _ name: String?
  ) throws(ModelError) {
    verify(inputs)
    let shape = try combination.outputShape(inputs.map { shapes[$0] })
    let name = try uniqueName(name, kind: combination.kind)
    try put(.combination(combination), inputs: inputs, name: name, shape: shape)
  }

  private mutating func put(
    _ operation: Node.Operation, inputs: [Int], name: String, shape: Shape
  ) throws(ModelError) {
    guard Shape.checkedCount(shape.array, limit: Self.largestActivation) != nil else {
      throw ModelError(
        "its output \(shape) is too large: at most \(Self.largestActivation) numbers")
    }
    nodes.append(
      Node(
        name: name, operation: operation, inputs: inputs, output: shapes.count,
        outputShape: shape, isTrained: isTrained))
    shapes.append(shape)
    current = shapes.count - 1
  }

  private mutating func uniqueName(_ given: String?, kind: String) throws(ModelError) -> String {
    if let given {
      guard names.insert(given).inserted else {
        throw ModelError("the name \"\(given)\" is taken by another layer")
      }
      return given
    }
    var name: String
    repeat {
      let use = uses[kind, default: 0]
      uses[kind] = use + 1
      name = use == 0 ? kind : "\(kind)_\(use)"
    } while !names.insert(name).inserted
    return name
  }
}
