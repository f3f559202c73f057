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
  /// The layers and the blocks of the model, which may have no name, each with where it is.
  private(set) var stated: [(name: String, place: LayerPlace)] = []
  /// Where the layer or block is that is being appended.
  private var path: [Int] = []
  /// The lists that the block at ``path`` has appended.
  private var lists = 0
  private var isInBlock = false

  /// The most numbers one sample may have between two layers: 64 Mi, a quarter of a gigabyte.
  static let largestActivation = 1 << 26

  init(input: Shape) { shapes = [input] }

  /// The shape of the activation that the next layer reads.
  public var shape: Shape { shapes[current] }

  /// Appends layers and blocks one after the other; errors name each by its number.
  public mutating func append(contentsOf layers: [any LayerSpec]) throws(ModelError) {
    let outer = (isTrained, path, lists + 1, isInBlock)
    let list = path.isEmpty ? [] : [lists]
    defer { (isTrained, path, lists, isInBlock) = outer }
    for (number, spec) in layers.enumerated() {
      do {
        isTrained = outer.0 && spec.common.trainable
        (path, lists, isInBlock) = (outer.1 + list + [number], 0, spec is any BlockSpec)
        if isInBlock { stated.append((spec.name ?? "", LayerPlace(path: path))) }
        try spec.check()
        let (input, first) = (current, shapes.count)
        try spec.add(to: &self)
        try checkEnd(input: input, first: first)
      } catch {
        throw error.at("layer \(number + 1) (\(spec.name ?? spec.kind))")
      }
    }
  }

  /// Throws where a block, which read `input` and whose activations begin with number `first`, leaves one that
  /// nothing reads: the model would be another one than its author thinks.
  private func checkEnd(input: Int, first: Int) throws(ModelError) {
    let last = shapes.count - 1
    guard current == (last < first ? input : last) else {
      throw ModelError(
        "ends on a rewind, so that the next layer would not read what was appended last",
        hint: Self.joins)
    }
    guard last >= first else { return }
    // Node n writes activation n + 1, so that those before the activation need not be asked.
    for activation in [input] + Array(first..<last)
    where !nodes[activation...].contains(where: { $0.reads(activation) }) {
      let writer = nodes.first { $0.output == activation }
      throw ModelError(
        "nothing reads \(writer.map { "what \($0.name) gives" } ?? "the input of the model")",
        hint: Self.joins)
    }
  }

  private static let joins =
    "a block joins what it appends with appendSum, appendProduct or appendConcatenation"

  /// Appends one layer after the current activation.
  public mutating func append(_ spec: any LayerSpec) throws(ModelError) {
    try spec.check()
    var layer = try spec.build(input: shape)
    if var stochastic = layer as? any StochasticLayer {
      stochastic.node = nodes.count
      layer = stochastic
    }
    guard layer.inputShape == shape else {
      throw ModelError("is built for an input \(layer.inputShape), but gets \(shape)")
    }
    let name = try uniqueName(spec.name, kind: spec.kind)
    stated.append((name, LayerPlace(path: path, isOwn: isInBlock)))
    let outer = isTrained
    defer { isTrained = outer }
    isTrained = outer && spec.common.trainable
    try put(
      .layer(layer), inputs: [current], name: name, kind: spec.kind, spec: spec,
      shape: layer.outputShape)
  }

  /// Appends the sum of the current activation and another one of the same shape.
  public mutating func appendSum(with other: Int, named name: String? = nil) throws(ModelError) {
    try join(.sum(.none), [current, other], name)
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

  /// Lets the next layer read an earlier activation, a former ``current``. A block does not end so.
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
    try put(
      .combination(combination), inputs: inputs, name: name, kind: combination.kind, shape: shape)
  }

  private mutating func put(
    _ operation: Node.Operation, inputs: [Int], name: String, kind: String,
    spec: (any LayerSpec)? = nil, shape: Shape
  ) throws(ModelError) {
    guard Shape.checkedCount(shape.array, limit: Self.largestActivation) != nil else {
      throw ModelError(
        "its output \(shape) is too large: at most \(Self.largestActivation) numbers")
    }
    nodes.append(
      Node(
        name: name, kind: kind, spec: spec, operation: operation, inputs: inputs,
        output: shapes.count, outputShape: shape, isTrained: isTrained))
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

/// Where a layer or a block is in a model as it is stated.
struct LayerPlace {
  /// The number of a layer in its list and, inside a block, of a list and a layer in turn.
  var path: [Int]
  /// Whether it is a layer that the block at that place adds of its own.
  var isOwn = false
}
