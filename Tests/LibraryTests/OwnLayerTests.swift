import Foundation
import MiniCNN
import TestSupport
import Testing

/// The further types of docs/layers-of-your-own.md, which stand there as they stand here.
@Suite struct OwnLayerTests {
  @Test func theDocumentHasThem() throws {
    let text = try String(
      contentsOfFile: Repository.path("docs/layers-of-your-own.md"), encoding: .utf8)
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let types = text.components(separatedBy: "```swift\n").dropFirst(2).map {
      $0.components(separatedBy: "```")[0]
    }
    #expect(types.count == 2)
    for type in types { #expect(source.contains(type), "\(type)") }
  }

  @Test func theirGradientsAreRight() throws {
    let spec = ModelSpec("own", input: [3, 3, 2]) {
      DenselyConnected(layers: [Conv2D(filters: 2, kernel: 3, padding: .same), HardTanh()])
    }
    let network = try Network(spec, seed: 4)
    #expect(network.outputShape == [3, 3, 4])
    let input = GradientChecker.spacedInput(spec.input, samples: 2)
    #expect(GradientChecker().failures(network, input: input) == [])
  }

  @Test func aFileStatesWhatIsRegistered() throws {
    let spec = ModelSpec("own", input: [3, 3, 2]) {
      DenselyConnected(layers: [Conv2D(filters: 2, kernel: 3, padding: .same), HardTanh()])
      Unregistered()
    }
    LayerRegistry.register(HardTanh.self)
    LayerRegistry.register(DenselyConnected.self)
    LayerRegistry.register(HardTanh.self)
    #expect(ModelFile(spec) == nil)
    #expect(
      ModelError(unstatable: spec).description
        == "the model \"own\" has a layer \"unregistered\", which no model file can state; LayerRegistry.register makes a layer of your own one that can"
    )
    let stated = ModelSpec("own", input: [3, 3, 2], layers: [spec.layers[0]])
    let file = try #require(ModelFile(stated))
    #expect(
      file.text == """
        name: "own"
        input: [3, 3, 2]
        layers:
          - densely_connected:
              layers:
                - conv2d: {filters: 2, kernel: 3, padding: same}
                - hard_tanh

        """)
    #expect(try ModelFile(text: file.text, file: "again.yaml").spec == stated)
  }
}

private struct Unregistered: ActivationSpec {
  static let kind = "unregistered"
  static let help = "nothing"
  static let prototype = Unregistered()
  var common = LayerCommon()

  func forward(_ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    y.update(from: x, count: count)
  }

  func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    dx.update(from: dy, count: count)
  }
}

struct HardTanh: ActivationSpec {
  static let kind = "hard_tanh"
  static let help = "x between −1 and 1, the nearer of the two outside"
  static let prototype = HardTanh()
  var common = LayerCommon()

  func forward(_ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    for i in 0..<count { y[i] = max(-1, min(1, x[i])) }
  }

  func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { dx[i] = abs(x[i]) < 1 ? dy[i] : 0 }
  }
}

struct DenselyConnected: BlockSpec {
  static let kind = "densely_connected"
  static let help = "its input, and after it what its layers make of it"
  static let prototype = DenselyConnected(layers: [])
  static let settings: [Setting<DenselyConnected>] = [
    Setting("layers", \.layers, "the layers").required()
  ]
  var common = LayerCommon()
  var layers: [any LayerSpec]

  func add(to graph: inout GraphBuilder) throws(ModelError) {
    let input = graph.current
    try graph.append(contentsOf: layers)
    try graph.appendConcatenation(of: [input, graph.current])
  }
}
