import Files
import NeuralNetwork

/// A graph of ONNX's operators as a network: what ``ONNXGraphWriter`` writes.
///
/// Nodes are read in their order; where several are one layer, the first of them looks for the others
/// (``take(_:after:)``).
struct ONNXGraphReader {
  /// A tensor that depends on the input.
  struct Activation {
    /// How the numbers of a sample lie.
    enum Layout: Equatable {
      /// `[C, …]`, and a vector as it is here.
      case channelsFirst
      /// A vector of an image's numbers channel by channel.
      case channelByChannel(of: Shape)
      /// `[…, C]`.
      case channelsLast
      /// A vector as an image of one pixel: a factor for each channel.
      case factors
    }

    /// Its number among the activations of the layers.
    let number: Int
    /// The shape of a sample here.
    let shape: Shape
    var layout = Layout.channelsFirst
  }

  /// Where the numbers of a layer's variable are.
  private struct Source {
    let layer: String
    let variable: String
    let array: ONNXTensor
    let arrange: ([Float]) -> [Float]
  }

  let graph: ONNXGraph
  private let path: String
  private let arrays: [String: ONNXTensor]
  /// The nodes that read each tensor; −1 for the output of the graph.
  private let readers: [String: [Int]]
  private var isRead: [Bool]
  private var activations: [String: Activation] = [:]
  private var layers = LayerGraph()
  private var names: Set<String> = []
  private var sources: [Source] = []

  /// Prepares to read a graph.
  ///
  /// - Throws: a `FileError` where it has operators of another set, or arrays of one name.
  init(_ model: ONNXModel, path: String) throws(FileError) {
    guard model.operatorSet == 13 else {
      throw FileError(
        .invalid, file: path, place: "opset_import", expected: "operator set 13",
        found: "\(model.operatorSet)")
    }
    self.path = path
    graph = model.graph
    arrays = Dictionary(graph.initializers.map { ($0.name, $0) }) { first, _ in first }
    guard arrays.count == graph.initializers.count else {
      throw FileError(
        .invalid, file: path, place: "graph", expected: "initializers of different names",
        found: "two of one name")
    }
    var readers: [String: [Int]] = [:]
    for (number, node) in graph.nodes.enumerated() {
      for input in node.inputs { readers[input, default: []].append(number) }
    }
    for output in graph.outputs { readers[output.name, default: []].append(-1) }
    self.readers = readers
    isRead = graph.nodes.map { _ in false }
  }

  // MARK: The whole

  /// The network with its weights.
  ///
  /// - Throws: a `FileError` that names the node that is not read, or that no block of ours can state.
  mutating func network() throws(FileError) -> Network {
    let input = try inputShape()
    for (number, node) in graph.nodes.enumerated() where !isRead[number] {
      isRead[number] = true
      do throws(ONNXProblem) {
        try check(node)
        try read(node)
      } catch {
        throw FileError(
          .invalid, file: path, place: "node \(label(of: node))", expected: error.expected,
          found: error.found, hint: "minicnn reads the graphs that it writes")
      }
    }
    guard graph.outputs.count == 1, let output = activations[graph.outputs[0].name],
      output.layout == .channelsFirst
    else {
      throw FileError(
        .invalid, file: path, place: "graph", expected: "one output that a node writes",
        found: graph.outputs.count == 1 ? "something else" : "\(graph.outputs.count)")
    }
    var network: Network
    do throws(ModelError) {
      let spec = ModelSpec(
        graph.name.asModelName, input: input, layers: try layers.layers(to: output.number))
      network = try Network(spec, seed: 0)
    } catch {
      throw FileError(.invalid, file: path, place: "graph", found: error.description)
    }
    try fill(&network)
    return network
  }

  private mutating func inputShape() throws(FileError) -> Shape {
    let inputs = graph.inputs.filter { arrays[$0.name] == nil }
    var extents: [Int] = []
    for extent in inputs.first?.shape.dropFirst() ?? [] {
      guard case .number(let number) = extent, (1...1 << 15).contains(number) else { break }
      extents.append(number)
    }
    guard inputs.count == 1, inputs[0].element == .float,
      (1...3).contains(extents.count), inputs[0].shape.count == extents.count + 1,
      extents.reduce(1, { $0 * $1 }) <= 1 << 26
    else {
      throw FileError(
        .invalid, file: path, place: "graph",
        expected: "one input [N, channels, height, width] of float32", found: "something else")
    }
    let shape = Shape(channelsFirst: extents)
    activations[inputs[0].name] = Activation(number: 0, shape: shape)
    return shape
  }

  private func check(_ node: ONNXNode) throws(ONNXProblem) {
    guard node.domain.isEmpty || node.domain == "ai.onnx" else {
      throw ONNXProblem(
        expected: "an operator of ONNX itself", found: "\(node.type) of \(node.domain)")
    }
    guard node.outputs.count == 1 else {
      throw ONNXProblem(expected: "one output", found: "\(node.outputs.count)")
    }
  }

  private func label(of node: ONNXNode) -> String {
    "\(node.name.isEmpty ? node.outputs.first ?? "" : node.name) (\(node.type))"
  }

  // MARK: Weights

  private func fill(_ network: inout Network) throws(FileError) {
    var entries: [String: VariableLayout.Entry] = [:]
    for entry in network.layout.entries {
      entries["\(network.nodes[entry.node].name)\n\(entry.variable.name)"] = entry
    }
    for source in sources {
      let entry = entries["\(source.layer)\n\(source.variable)"]
      let count = source.array.bytes.count / source.array.element.size
      guard let entry, source.array.element == .float, entry.range.count == count else {
        throw FileError(
          .invalid, file: path, place: "initializer \(source.array.name)",
          expected: entry.map { "\($0.variable.shape) numbers of float32" } ?? "none",
          found: source.array.shape.map(String.init).joined(separator: "×"))
      }
      network.setValues(source.arrange(source.array.floats), of: entry)
    }
  }

  // MARK: What nodes are read with

  /// The activation that a node reads in some place.
  func activation(_ node: ONNXNode, _ place: Int = 0) throws(ONNXProblem) -> Activation {
    guard node.inputs.indices.contains(place), let found = activations[node.inputs[place]] else {
      throw ONNXProblem(
        expected: "input \(place + 1) to be what an earlier node writes", found: "something else")
    }
    return found
  }

  /// Whether a node reads an array of the file in some place.
  func readsArray(_ node: ONNXNode, _ place: Int) -> Bool {
    node.inputs.indices.contains(place) && arrays[node.inputs[place]] != nil
  }

  /// The array that a node reads in some place.
  func array(_ node: ONNXNode, _ place: Int) throws(ONNXProblem) -> ONNXTensor {
    guard node.inputs.indices.contains(place), let found = arrays[node.inputs[place]] else {
      throw ONNXProblem(
        expected: "input \(place + 1) to be an initializer", found: "something else")
    }
    return found
  }

  /// The only node that reads a tensor, if it is of this type and `fits`: it is then read.
  mutating func take(
    _ type: String, after tensor: String, where fits: (ONNXNode) -> Bool = { _ in true }
  ) throws(ONNXProblem) -> ONNXNode? {
    guard let number = onlyReader(of: tensor), graph.nodes[number].type == type, !isRead[number],
      fits(graph.nodes[number])
    else { return nil }
    isRead[number] = true
    try check(graph.nodes[number])
    return graph.nodes[number]
  }

  /// The only node that reads a tensor, if it is of this type and reads an array of the file besides, or a single
  /// number: it is then read.
  mutating func take(
    _ type: String, after tensor: String, withArray isArray: Bool
  ) throws(ONNXProblem) -> ONNXNode? {
    let arrays = arrays
    return try take(type, after: tensor) { node in
      node.inputs.count == 2 && arrays[node.inputs[1]].map { $0.shape.isEmpty } == !isArray
    }
  }

  /// The node of this type that reads a tensor twice: it is then read.
  mutating func take(_ type: String, readingTwice tensor: String) throws(ONNXProblem) -> ONNXNode? {
    let number = readers[tensor]?.first {
      $0 >= 0 && graph.nodes[$0].type == type && graph.nodes[$0].inputs == [tensor, tensor]
    }
    guard let number, !isRead[number] else { return nil }
    isRead[number] = true
    try check(graph.nodes[number])
    return graph.nodes[number]
  }

  /// Whether all nodes that read a tensor have been read, and the graph does not give it.
  func isSpent(_ tensor: String) -> Bool {
    readers[tensor]?.allSatisfy { $0 >= 0 && isRead[$0] } ?? true
  }

  /// Whether the only node that reads what a node writes is of this type.
  func isFollowed(_ node: ONNXNode, by type: String) -> Bool {
    onlyReader(of: node.outputs[0]).map { graph.nodes[$0].type == type } ?? false
  }

  private func onlyReader(of tensor: String) -> Int? {
    guard let all = readers[tensor], let number = all.first, number >= 0,
      all.allSatisfy({ $0 == number })
    else { return nil }
    return number
  }

  /// Appends a layer that reads an activation, under the name of the node that writes its output.
  ///
  /// - Returns: the layer's name.
  @discardableResult
  mutating func append(
    _ spec: some LayerSpec, _ x: Activation, _ node: ONNXNode,
    layout: Activation.Layout = .channelsFirst
  ) throws(ONNXProblem) -> String {
    let shape: Shape
    do throws(SettingError) { try spec.checkRanges() } catch { throw ONNXProblem(error) }
    do throws(ModelError) {
      shape = try spec.build(input: x.shape).outputShape
    } catch {
      throw ONNXProblem(error)
    }
    let name = unique(node)
    let number = layers.append(.layer(spec), named: name, reading: [x.number])
    try define(node, Activation(number: number, shape: shape, layout: layout))
    return name
  }

  /// Appends what joins activations.
  mutating func join(
    _ step: LayerGraph.Step, _ inputs: [Activation], _ shape: Shape, _ node: ONNXNode
  ) throws(ONNXProblem) {
    let number = layers.append(step, named: unique(node), reading: inputs.map(\.number))
    try define(node, Activation(number: number, shape: shape))
  }

  /// Says what a node writes.
  mutating func define(_ node: ONNXNode, _ activation: Activation) throws(ONNXProblem) {
    guard let count = activation.shape.array.checkedProduct, count <= 1 << 26 else {
      throw ONNXProblem(
        expected: "at most \(1 << 26) numbers per sample", found: "\(activation.shape)")
    }
    guard let name = node.outputs.first, arrays[name] == nil,
      activations.updateValue(activation, forKey: name) == nil
    else { throw ONNXProblem(expected: "an output of its own", found: "that of another node") }
  }

  /// Says that an array has the numbers of a layer's variable.
  mutating func fill(
    _ layer: String, _ variable: String, _ array: ONNXTensor,
    _ arrange: @escaping ([Float]) -> [Float] = { $0 }
  ) {
    sources.append(Source(layer: layer, variable: variable, array: array, arrange: arrange))
  }

  private mutating func unique(_ node: ONNXNode) -> String {
    let wish = (node.name.isEmpty ? node.outputs.first ?? "" : node.name).onOneLine
    var name = wish.isEmpty ? node.type.onOneLine : wish, count = 0
    while name.isEmpty || !names.insert(name).inserted {
      count += 1
      name = "\(wish)_\(count)"
    }
    return name
  }
}

extension String {
  /// The text with a hyphen for what no name of a model may have: checkpoints are named after it.
  fileprivate var asModelName: String {
    let scalars = unicodeScalars.map { scalar in
      scalar.value <= 0x20 || scalar == "/" || scalar.leavesLine ? "-" : scalar
    }
    let name = String(String.UnicodeScalarView(scalars))
    return name.isEmpty || name.hasPrefix(".") ? "model\(name)" : name
  }
}

extension ONNXTensor {
  /// The numbers of an array of floats.
  var floats: [Float] { [Float](littleEndian: bytes) }
}
