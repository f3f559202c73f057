import Files
import NeuralNetwork

/// A graph of ONNX's operators as a network: what ``ONNXGraphWriter`` writes.
///
/// Nodes are read in their order; where several are one layer, the first of them looks for the others.
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

  /// A layer that was read, whose variables are to be filled.
  struct Appended {
    let name: String
    let variables: [Variable]
  }

  /// Where the numbers of a layer's variable are.
  private struct Source {
    let layer: String
    let variable: String
    let array: ONNXTensor
    let arrange: ([Float]) -> [Float]
  }

  /// The most layers: what a network takes to be built grows with the square of their number.
  private static let mostLayers = 2000

  /// The nodes and arrays.
  var index: ONNXGraphIndex
  private let graph: ONNXGraph
  private let path: String
  private var activations: [String: Activation] = [:]
  private var layers = LayerGraph()
  private var names: Set<String> = []
  /// How often names have been asked for, so that many nodes of one name take no time.
  private var wishes: [String: Int] = [:]
  private var sources: [Source] = []

  /// Prepares to read a graph.
  ///
  /// - Throws: a `FileError` where it has operators of another set.
  init(_ model: ONNXModel, path: String) throws(FileError) {
    guard model.operatorSet == 13 else {
      throw FileError(
        .invalid, file: path, place: "opset_import", expected: "operator set 13",
        found: "\(model.operatorSet)")
    }
    self.path = path
    graph = model.graph
    index = ONNXGraphIndex(graph)
  }

  // MARK: The whole

  /// The network with its weights.
  ///
  /// - Throws: a `FileError` that names the node that is not read, or that no block of ours can state.
  mutating func network() throws(FileError) -> Network {
    let input = try readInput()
    for node in graph.nodes {
      try naming(node) { (_) throws(ONNXProblem) in try Self.check(node) }
    }
    for number in graph.nodes.indices {
      guard let node = index.take(number) else { continue }
      try naming(node) { (reader) throws(ONNXProblem) in try reader.read(node) }
    }
    guard graph.outputs.count == 1, let output = activations[graph.outputs[0].name],
      output.layout == .channelsFirst
    else {
      throw FileError(
        .invalid, file: path, place: "graph", expected: "one output that a node writes",
        found: graph.outputs.count == 1 ? "something else" : "\(graph.outputs.count)")
    }
    do throws(ModelError) {
      let spec = ModelSpec(
        graph.name.asModelName, input: input, layers: try layers.layers(to: output.number))
      // Nothing is made that is larger than the file, whose arrays several layers may read.
      let floats = graph.initializers.reduce(0) { $0 + $1.bytes.count / 4 }
      var network = try Network(spec, seed: 0, limit: floats + 64 * (graph.nodes.count + 1))
      fill(&network)
      return network
    } catch {
      throw FileError(.invalid, file: path, place: "graph", found: error.description)
    }
  }

  /// Runs `body`, whose errors are those of a node.
  private mutating func naming(
    _ node: ONNXNode, _ body: (inout Self) throws(ONNXProblem) -> Void
  ) throws(FileError) {
    do throws(ONNXProblem) {
      try body(&self)
    } catch {
      let name = node.name.isEmpty ? node.outputs.first ?? "" : node.name
      throw FileError(
        .invalid, file: path, place: "node \(name) (\(node.type))", expected: error.expected,
        found: error.found, hint: "minicnn reads the graphs that it writes")
    }
  }

  /// What all operators have in common here.
  private static func check(_ node: ONNXNode) throws(ONNXProblem) {
    guard node.domain.isEmpty || node.domain == "ai.onnx" else {
      throw ONNXProblem(
        expected: "an operator of ONNX itself", found: "\(node.type) of \(node.domain)")
    }
    guard node.outputs.count == 1 else {
      throw ONNXProblem(expected: "one output", found: "\(node.outputs.count)")
    }
  }

  private mutating func readInput() throws(FileError) -> Shape {
    let inputs = graph.inputs.filter { index.array(named: $0.name) == nil }
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

  private func fill(_ network: inout Network) {
    var entries: [[String]: VariableLayout.Entry] = [:]
    for entry in network.layout.entries {
      entries[[network.nodes[entry.node].name, entry.variable.name]] = entry
    }
    for source in sources {
      guard let entry = entries[[source.layer, source.variable]] else {
        preconditionFailure("\(source.layer) has no \(source.variable), which it had")
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

  /// The array of the file that a node reads in some place.
  func array(_ node: ONNXNode, _ place: Int) throws(ONNXProblem) -> ONNXTensor {
    guard let found = optionalArray(node, place) else {
      throw ONNXProblem(
        expected: "input \(place + 1) to be an initializer", found: "something else")
    }
    return found
  }

  /// The array of the file that a node reads in some place, if it reads one there.
  func optionalArray(_ node: ONNXNode, _ place: Int) -> ONNXTensor? {
    node.inputs.indices.contains(place) ? index.array(named: node.inputs[place]) : nil
  }

  /// Appends a layer that reads an activation, under the name of the node that writes its output.
  @discardableResult
  mutating func append(
    _ spec: some LayerSpec, _ x: Activation, _ node: ONNXNode,
    layout: Activation.Layout = .channelsFirst
  ) throws(ONNXProblem) -> Appended {
    let layer: any Layer
    do throws(SettingError) { try spec.checkRanges() } catch { throw ONNXProblem(error) }
    do throws(ModelError) {
      layer = try spec.build(input: x.shape)
    } catch {
      throw ONNXProblem(error)
    }
    let name = try unique(node)
    let number = layers.append(.layer(spec), named: name, reading: [x.number])
    try define(node, Activation(number: number, shape: layer.outputShape, layout: layout))
    return Appended(name: name, variables: layer.variables)
  }

  /// Appends what joins activations.
  mutating func join(
    _ step: LayerGraph.Step, _ inputs: [Activation], _ shape: Shape, _ node: ONNXNode
  ) throws(ONNXProblem) {
    let number = layers.append(step, named: try unique(node), reading: inputs.map(\.number))
    try define(node, Activation(number: number, shape: shape))
  }

  /// An activation that is joined with another one; where they are the same, what a layer that changes nothing makes
  /// of it: a block has at least one.
  mutating func distinct(
    _ x: Activation, from other: Activation, _ node: ONNXNode
  ) throws(ONNXProblem) -> Activation {
    guard x.number == other.number else { return x }
    let number = layers.append(
      .layer(Rescaling(scale: 1)), named: try unique(node), reading: [x.number])
    return Activation(number: number, shape: x.shape, layout: x.layout)
  }

  /// Says what a node writes.
  mutating func define(_ node: ONNXNode, _ activation: Activation) throws(ONNXProblem) {
    guard let count = activation.shape.array.checkedProduct, count <= 1 << 26 else {
      throw ONNXProblem(
        expected: "at most \(1 << 26) numbers per sample", found: "\(activation.shape)")
    }
    guard let name = node.outputs.first, index.array(named: name) == nil,
      activations.updateValue(activation, forKey: name) == nil
    else { throw ONNXProblem(expected: "an output of its own", found: "that of another node") }
  }

  /// Says that an array has the numbers of a layer's variable.
  mutating func fill(
    _ layer: Appended, _ variable: String, _ array: ONNXTensor,
    _ arrange: @escaping ([Float]) -> [Float] = { $0 }
  ) throws(ONNXProblem) {
    let shape = layer.variables.first { $0.name == variable }?.shape
    guard let shape, array.element == .float, array.bytes.count == shape.count * 4 else {
      throw ONNXProblem(
        expected: "a \(variable) of \(shape.map { "\($0)" } ?? "no") floats in \(array.name)",
        found: array.shape.map(String.init).joined(separator: "×"))
    }
    sources.append(
      Source(layer: layer.name, variable: variable, array: array, arrange: arrange))
  }

  private mutating func unique(_ node: ONNXNode) throws(ONNXProblem) -> String {
    guard names.count < Self.mostLayers else {
      throw ONNXProblem(expected: "at most \(Self.mostLayers) layers", found: "one more")
    }
    var wish = (node.name.isEmpty ? node.outputs.first ?? "" : node.name).onOneLine
    if wish.isEmpty { wish = "layer" }
    var name = wish
    while !names.insert(name).inserted {
      wishes[wish, default: 0] += 1
      name = "\(wish)_\(wishes[wish, default: 0])"
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
