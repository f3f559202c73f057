import NeuralNetwork

/// A network as a graph of ONNX's operators.
///
/// Tensors have their channels first: what is `[…, C]` here is `[N, C, …]` there. A layer becomes a few nodes,
/// the last of which has the layer's name; the others are called `LAYER/OPERATOR`, and its arrays `LAYER/VARIABLE`.
struct ONNXGraphWriter {
  /// An activation of the network, as a tensor of the graph.
  struct Activation {
    let tensor: String
    /// The shape of a sample here: `[…, C]`.
    let shape: Shape
    /// The shape of the image that a vector was, where its numbers still come channel by channel.
    let order: Shape?
  }

  /// The graph, as far as it has been written.
  private(set) var graph = ONNXGraph()
  private let network: Network
  private var activations: [Activation] = []
  private var names: Set<String>
  /// The layer that is being written.
  private var layer = ""

  /// Writes a network.
  ///
  /// - Parameter output: the name of the graph's output.
  /// - Throws: a `ModelError` that names the first layer that ONNX cannot state.
  init(_ network: Network, output: String) throws(ModelError) {
    self.network = network
    names = Set(network.nodes.map(\.name))
    graph.name = network.spec.name
    let input = unique("input")
    graph.inputs = [ONNXValue(name: input, shape: Self.extents(of: network.inputShape))]
    activations = [Activation(tensor: input, shape: network.inputShape, order: nil)]
    let isFree = network.flatteningsInAnyOrder
    for node in network.nodes {
      do throws(ModelError) {
        try add(node, inAnyOrder: isFree[node.output])
      } catch {
        throw error.at("layer \(node.name)")
      }
    }
    end(with: unique(output))
  }

  private static func extents(of shape: Shape) -> [ONNXValue.Extent] {
    [.name("N")] + shape.channelsFirst.map { .number($0) }
  }

  // MARK: Layers

  private mutating func add(_ node: Node, inAnyOrder: Bool) throws(ModelError) {
    layer = node.name
    let first = graph.nodes.count
    let inputs = node.inputs.map { activations[$0] }
    let tensor: String
    var order = inputs[0].order
    switch node.spec {
    case nil: tensor = try join(inputs, node.kind)
    case is Flatten, is Reshape:
      let isFree = inAnyOrder && inputs[0].shape.changesOrder
      if isFree { order = inputs[0].shape }
      tensor = reshape(inputs[0], to: node.outputShape, inAnyOrder: isFree)
    case let spec?:
      tensor = try write(spec, inputs[0], output: node.outputShape)
      if !spec.keepsOrder { order = nil }
    }
    activations.append(
      Activation(
        tensor: graph.nodes.count > first ? nameLastNode() : tensor, shape: node.outputShape,
        order: order))
  }

  /// Gives the last node, and the tensor it writes, the name of the layer.
  private mutating func nameLastNode() -> String {
    let last = graph.nodes.count - 1
    graph.nodes[last].name = layer
    graph.nodes[last].outputs = [layer]
    return layer
  }

  private mutating func end(with output: String) {
    let last = activations[activations.count - 1]
    graph.outputs = [ONNXValue(name: output, shape: Self.extents(of: last.shape))]
    guard last.tensor != graph.inputs[0].name else {
      graph.nodes.append(
        ONNXNode(name: "identity", type: "Identity", inputs: [last.tensor], outputs: [output]))
      return
    }
    for number in graph.nodes.indices {
      for (place, name) in graph.nodes[number].inputs.enumerated() where name == last.tensor {
        graph.nodes[number].inputs[place] = output
      }
      if graph.nodes[number].outputs == [last.tensor] { graph.nodes[number].outputs = [output] }
    }
  }

  // MARK: What layers are written with

  /// Adds a node, and returns the name of what it writes.
  mutating func node(
    _ type: String, _ inputs: [String], _ attributes: [ONNXAttribute] = []
  ) -> String {
    let name = unique("\(layer)/\(type)")
    graph.nodes.append(
      ONNXNode(name: name, type: type, inputs: inputs, outputs: [name], attributes: attributes))
    return name
  }

  /// Adds an array, and returns its name.
  mutating func array(_ variable: String, _ values: [Float], _ shape: [Int]) -> String {
    let name = unique("\(layer)/\(variable)")
    graph.initializers.append(ONNXTensor(name, values, shape: shape))
    return name
  }

  /// Adds a single number, and returns its name.
  mutating func number(_ variable: String, _ value: Float) -> String {
    array(variable, [value], [])
  }

  /// Adds a vector of whole numbers, and returns its name.
  mutating func numbers(_ variable: String, _ values: [Int]) -> String {
    let name = unique("\(layer)/\(variable)")
    graph.initializers.append(ONNXTensor(name, values))
    return name
  }

  /// The numbers of one of the layer's variables; `nil` where it does without.
  func values(_ variable: String) -> [Float]? { network.values(of: layer, variable) }

  private mutating func unique(_ wish: String) -> String {
    var name = wish, count = 0
    while !names.insert(name).inserted {
      count += 1
      name = "\(wish)_\(count)"
    }
    return name
  }
}

extension ONNXAttribute {
  static func float(_ name: String, _ value: Float) -> ONNXAttribute {
    ONNXAttribute(name: name, value: .float(value))
  }

  static func int(_ name: String, _ value: Int) -> ONNXAttribute {
    ONNXAttribute(name: name, value: .int(Int64(value)))
  }

  static func string(_ name: String, _ value: String) -> ONNXAttribute {
    ONNXAttribute(name: name, value: .string(value))
  }

  static func ints(_ name: String, _ values: [Int]) -> ONNXAttribute {
    ONNXAttribute(name: name, value: .ints(values.map(Int64.init)))
  }
}
