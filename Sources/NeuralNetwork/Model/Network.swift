import Platform

/// A model whose shapes are known, with its variables. A value: a copy is a snapshot.
public struct Network: Sendable {
  /// What it was made from.
  public let spec: ModelSpec
  /// What it computes, step by step, as the model states it.
  let graph: Graph
  /// Where each variable is in ``variables``.
  public let layout: VariableLayout
  /// All variables in one array, laid out as ``layout`` says; what replaces it must be as long.
  public var variables: Tensor {
    get { storage }
    // An observer would have every step change a copy.
    _modify {
      defer {
        require(
          storage.count == layout.count,
          "the network has \(layout.count) floats of variables, not \(storage.count)")
      }
      yield &storage
    }
  }
  private var storage: Tensor

  /// The most parameters a model may have: 64 Mi, a quarter of a gigabyte.
  public static let largestVariable = 1 << 26

  /// Builds a model and fills its variables with what the seed gives.
  ///
  /// - Parameter limit: the most parameters; no memory is set aside for a model that has more.
  /// - Throws: a ``ModelError`` that names the layer that does not fit.
  public init(
    _ spec: ModelSpec, seed: UInt64, limit: Int = Self.largestVariable
  ) throws(ModelError) {
    guard (1...3).contains(spec.input.rank),
      spec.input.array.allSatisfy({ $0 >= 1 && $0 <= WindowGeometry.largestExtent })
    else {
      throw ModelError(
        "input: expected height, width and channels from 1 to \(WindowGeometry.largestExtent),"
          + " found \(spec.input)")
    }
    guard Shape.checkedCount(spec.input.array, limit: GraphBuilder.largestActivation) != nil else {
      throw ModelError(
        "input: expected at most \(GraphBuilder.largestActivation) numbers per sample,"
          + " found \(spec.input)")
    }
    guard !spec.layers.isEmpty else {
      throw ModelError("layers: expected at least one, found none")
    }
    var builder = GraphBuilder(input: spec.input)
    try builder.append(contentsOf: spec.layers)
    guard !builder.nodes.isEmpty else {
      throw ModelError("layers: expected at least one that computes something, found none")
    }
    self.spec = spec
    layout = try VariableLayout(
      nodes: builder.nodes, limit: min(limit, Self.largestVariable))
    graph = Graph(nodes: builder.nodes, shapes: builder.shapes, offsets: layout.offsets)
    try graph.checkWorkMemory()
    storage = Tensor(samples: 1, shape: [layout.count])
    initialize(seed: seed)
  }

  /// One step of a network by itself, with its variables as they are there. What it reads are its first
  /// activations, one for each input of the step.
  init(node number: Int, of network: Network) {
    let node = network.nodes[number]
    let alone = Node(
      name: node.name, kind: node.kind, operation: node.operation,
      inputs: Array(node.inputs.indices), output: node.inputs.count,
      outputShape: node.outputShape, isTrained: node.isTrained)
    guard let layout = try? VariableLayout(nodes: [alone], limit: .max) else {
      preconditionFailure("a part of a network has no more variables than the whole")
    }
    spec = network.spec
    self.layout = layout
    graph = Graph(
      nodes: [alone], shapes: node.inputs.map { network.graph.shapes[$0] } + [node.outputShape],
      offsets: layout.offsets)
    storage = Tensor(samples: 1, shape: [layout.count])
    let whole = network.layout.entries.filter { $0.node == number }
    for (own, entry) in zip(layout.entries, whole) {
      setValues(network.values(of: entry), of: own)
    }
  }

  /// What it computes, step by step.
  public var nodes: [Node] { graph.nodes }
  /// The shape of one sample of each activation, the input first (``Node``).
  package var activationShapes: [Shape] { graph.shapes }
  /// The shape of one input sample.
  public var inputShape: Shape { graph.shapes[0] }
  /// The shape of one output sample.
  public var outputShape: Shape { graph.shapes[graph.output] }
  /// The number of parameters, frozen ones included: all variables but the statistics.
  public var parameterCount: Int {
    layout.entries.reduce(0) {
      $0 + ($1.variable.role == .statistic ? 0 : $1.variable.shape.count)
    }
  }
  /// The number of parameters that training changes.
  public var trainedParameterCount: Int {
    layout.entries.reduce(0) { $0 + ($1.isTrained ? $1.variable.shape.count : 0) }
  }
  /// The number of multiply-adds that one sample takes, forwards.
  public var multiplyAdds: Int { nodes.reduce(0) { $0 + ($1.layer?.multiplyAdds ?? 0) } }

  /// The elements of one variable, whose entry is one of ``layout``'s.
  public func values(of entry: VariableLayout.Entry) -> [Float] {
    layout.verify(entry)
    return Array(
      UnsafeBufferPointer(start: variables.pointer + entry.offset, count: entry.range.count))
  }

  /// The elements of a layer's variable, both by name: `values(of: "conv2d_1", "kernel")`. `nil` where no layer
  /// is called so, or it has no such variable.
  public func values(of layer: String, _ variable: String) -> [Float]? {
    layout.entries.first { nodes[$0.node].name == layer && $0.variable.name == variable }
      .map(values(of:))
  }

  /// Replaces the elements of one variable, whose entry is one of ``layout``'s.
  public mutating func setValues(_ values: [Float], of entry: VariableLayout.Entry) {
    layout.verify(entry)
    require(
      values.count == entry.range.count,
      "\(entry.variable.name) has \(entry.range.count) elements, not \(values.count)")
    let target = variables.mutablePointer() + entry.offset
    for (i, value) in values.enumerated() { target[i] = value }
  }

  private mutating func initialize(seed: UInt64) {
    let base = variables.mutablePointer()
    for entry in layout.entries {
      var random = CounterRandom(seed: seed, .initialization, entry.node, entry.index)
      entry.variable.fill(base + entry.offset, using: &random)
    }
  }
}
