import Files
import NeuralNetwork
import TestSupport
import Testing

@testable import Interchange

/// Files that are no graph of ours.
@Suite struct ONNXReaderTests {
  private static let spec = ModelSpec("m", input: [4, 4, 2]) {
    Conv2D(filters: 3, kernel: 3, padding: .same).named("conv"); LayerNorm().named("norm")
    GELU().named("act"); MaxPool2D(); Flatten(); Dense(units: 2).named("dense")
  }

  private func model(_ spec: ModelSpec = Self.spec) throws -> ONNXModel {
    var network = try Network(spec, seed: 3)
    network.enliven(seed: 3)
    var model = ONNXModel()
    model.graph = try ONNXGraphWriter(network, output: "logits").graph
    return model
  }

  /// What is said of a model after a change.
  private func complaint(_ change: (inout ONNXModel) -> Void) throws -> String {
    var model = try model()
    change(&model)
    return TestSupport.complaint { try TrainedModel(onnx: model.bytes, path: "m.onnx") }
  }

  @Test func theModelIsReadWhereNothingIsChanged() throws {
    #expect(try complaint { _ in } == "no error")
  }

  private static let hint = "; minicnn reads the graphs that it writes"

  @Test func otherOperatorsAreRefusedByTheNodesName() throws {
    #expect(
      try complaint { $0.graph.nodes[0].type = "ConvInteger" }
        == "m.onnx: node conv (ConvInteger): expected an operator that minicnn writes, found"
        + " ConvInteger\(Self.hint)")
    #expect(
      try complaint { $0.graph.nodes[0].domain = "com.example" }
        == "m.onnx: node conv (Conv): expected an operator of ONNX itself, found Conv of com.example"
        + Self.hint)
  }

  @Test func attributesThatAreNotReadAreRefused() throws {
    #expect(
      try complaint { $0.graph.nodes[0].attributes.append(.string("auto_pad", "SAME_UPPER")) }
        == "m.onnx: node conv (Conv): expected no attribute auto_pad, found one\(Self.hint)")
    #expect(
      try complaint { $0.graph.nodes[0].attributes[4] = .ints("strides", [0, 1]) }
        == "m.onnx: node conv (Conv): expected 1 to 32768 for attribute strides, found [0, 1]\(Self.hint)"
    )
    #expect(
      try complaint { $0.graph.nodes[0].attributes[4] = .ints("strides", [1]) }
        == "m.onnx: node conv (Conv): expected 2 whole numbers for attribute strides, found something"
        + " else\(Self.hint)")
  }

  @Test func otherOperatorSetsAreRefused() throws {
    #expect(
      try complaint { $0.operatorSet = 17 }
        == "m.onnx: opset_import: expected operator set 13, found 17")
  }

  @Test func arraysOfAnotherSizeAreRefused() throws {
    #expect(
      try complaint { $0.graph.initializers[1] = ONNXTensor("conv/bias", [1, 2], shape: [2]) }
        == "m.onnx: node conv (Conv): expected a bias of 3 floats in conv/bias, found 2\(Self.hint)"
    )
    let wrong = try complaint { $0.graph.initializers[1].shape = [4] }
    #expect(
      wrong.hasSuffix(
        "expected 4 numbers of 4 bytes in an array, found 12 bytes; a damaged file, or none of ONNX"
      ))
    let vast = try complaint { $0.graph.initializers[1].shape = [1 << 62, 1 << 62] }
    #expect(vast.contains("numbers of 4 bytes in an array, found 12 bytes"))
  }

  // MARK: Much from little

  /// A graph of nodes that each read what the one before writes.
  private func chain(_ count: Int, _ node: (Int) -> ONNXNode) -> ONNXModel {
    var model = ONNXModel()
    model.graph.inputs = [ONNXValue(name: "0", shape: [.name("N"), .number(64)])]
    model.graph.outputs = [ONNXValue(name: "\(count)", shape: [.name("N"), .number(64)])]
    model.graph.nodes = (0..<count).map { number in
      var node = node(number)
      node.inputs.insert("\(number)", at: 0)
      node.outputs = ["\(number + 1)"]
      return node
    }
    return model
  }

  @Test func manyNodesOfOneNameAreManyLayers() throws {
    let model = chain(500) { _ in ONNXNode(name: "a", type: "Relu") }
    let network = try TrainedModel(onnx: model.bytes, path: "m.onnx").network
    #expect(network.nodes.count == 500)
    #expect(network.nodes[499].name == "a_499")
  }

  @Test func tooManyLayersAreRefused() throws {
    let model = chain(2001) { _ in ONNXNode(name: "a", type: "Relu") }
    #expect(
      TestSupport.complaint { try TrainedModel(onnx: model.bytes, path: "m.onnx") }
        == "m.onnx: node a (Relu): expected at most 2000 layers, found one more\(Self.hint)")
  }

  @Test func tooManyNodesAreRefused() throws {
    let model = chain(10_001) { _ in ONNXNode(type: "Relu") }
    let text = TestSupport.complaint { try TrainedModel(onnx: model.bytes, path: "m.onnx") }
    #expect(
      text.contains("expected a graph as minicnn writes it, found more than 10000 nodes and arrays")
    )
  }

  @Test func anArrayThatManyLayersReadDoesNotBecomeManyArrays() throws {
    var model = chain(1900) { _ in ONNXNode(type: "Gemm", inputs: ["kernel"]) }
    model.graph.initializers = [
      ONNXTensor("kernel", [Float](repeating: 0.1, count: 4096), shape: [64, 64])
    ]
    let text = TestSupport.complaint { try TrainedModel(onnx: model.bytes, path: "m.onnx") }
    #expect(
      text == "m.onnx: graph: the model has more than 125760 parameters up to layer 31")
  }

  @Test func shapesBeyondAllNumbersAreRefused() throws {
    var model = chain(1) { _ in ONNXNode(type: "Reshape", inputs: ["shape"]) }
    model.graph.initializers = [ONNXTensor("shape", [0, 1 << 26, 1 << 26, 1 << 26])]
    #expect(
      TestSupport.complaint { try TrainedModel(onnx: model.bytes, path: "m.onnx") }
        == "m.onnx: node 1 (Reshape): expected a shape [0, …] of at most 4 extents for 64, found"
        + " [0, 67108864, 67108864, 67108864]\(Self.hint)")
    model.graph.inputs[0].shape = [.name("N")] + (0..<3).map { _ in .number(1 << 15) }
    #expect(
      TestSupport.complaint { try TrainedModel(onnx: model.bytes, path: "m.onnx") }
        == "m.onnx: graph: expected one input [N, channels, height, width] of float32, found something"
        + " else")
  }

  @Test func aGraphThatReadsItselfIsRefused() throws {
    var model = chain(2) { _ in ONNXNode(type: "Relu") }
    model.graph.nodes[0].inputs = ["2"]
    #expect(
      TestSupport.complaint { try TrainedModel(onnx: model.bytes, path: "m.onnx") }
        == "m.onnx: node 1 (Relu): expected input 1 to be what an earlier node writes, found something"
        + " else\(Self.hint)")
    model = chain(2) { _ in ONNXNode(type: "Relu") }
    model.graph.nodes[1].outputs = ["1"]
    #expect(
      TestSupport.complaint { try TrainedModel(onnx: model.bytes, path: "m.onnx") }
        == "m.onnx: node 1 (Relu): expected an output of its own, found that of another node"
        + Self.hint)
  }

  // MARK: The file

  @Test func nodesInAnotherOrderAreRefused() throws {
    #expect(
      try complaint { $0.graph.nodes.swapAt(0, 1) }
        == "m.onnx: node norm/ReduceMean (ReduceMean): expected input 1 to be what an earlier node writes,"
        + " found something else\(Self.hint)")
  }

  @Test func aPatternThatEndsOtherwiseIsRefused() throws {
    #expect(
      try complaint {
        guard let erf = $0.graph.nodes.firstIndex(where: { $0.type == "Erf" }) else { return }
        $0.graph.nodes[erf].type = "Tanh"
      }
        == "m.onnx: node act/Div (Div): expected the nodes of an exact GELU, found others\(Self.hint)"
    )
  }

  @Test func aFileThatEndsEarlyNamesTheByte() throws {
    let bytes = try model().bytes
    let text = TestSupport.complaint {
      try TrainedModel(onnx: Array(bytes.prefix(100)), path: "m.onnx")
    }
    #expect(text.hasPrefix("m.onnx: byte "))
    #expect(text.hasSuffix("; a damaged file, or none of ONNX"))
    #expect(
      TestSupport.complaint { try TrainedModel(onnx: [], path: "m.onnx") }
        == "m.onnx: byte 0: expected a graph, found the end of the file; a damaged file, or none of ONNX"
    )
  }

  @Test func classNamesMustBeAsManyAsTheOutputs() throws {
    #expect(
      try complaint { $0.metadata = [("class_names", #"["a"]"#)] }
        == "m.onnx: metadata: class_names: expected 2 names, one for each output, found 1")
    #expect(
      try complaint { $0.metadata = [("class_names", "a")] }
        == "m.onnx: metadata: class_names: expected a list of names in JSON, found other text")
    #expect(
      try complaint { $0.metadata = [("loss", "hinge")] }.hasPrefix(
        "m.onnx: metadata: loss: expected "))
  }

  @Test func aNameBecomesOneThatFilesCanHave() throws {
    var model = try model()
    model.graph.name = "../a b\n"
    let read = try TrainedModel(onnx: model.bytes, path: "m.onnx")
    #expect(read.network.spec.name == "model..-a-b-")
  }

  /// Every change of a byte in the structure of a file is read, or refused, without an end of the program.
  @Test func alteredFilesAreReadOrRefused() throws {
    let bytes = try model().bytes
    var random = SplitMix64(state: 1)
    var refused = 0
    for _ in 0..<3000 {
      var altered = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        altered[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      do throws(FileError) {
        _ = try TrainedModel(onnx: altered, path: "m.onnx")
      } catch {
        refused += 1
        #expect(!error.description.contains("\n"))
      }
    }
    #expect(refused > 1000)
  }
}
