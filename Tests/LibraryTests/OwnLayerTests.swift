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
    let types = text.components(separatedBy: "```swift\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }.filter { !$0.contains("import ") }
    #expect(types.count == 3)
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

  @Test func everyBranchIsReached() throws {
    let network = try Network(
      ModelSpec("tanh", input: [3, 3, 2]) { HardTanh(limit: 0.72) }, seed: 4)
    // The points nearest the limit are 0.06 from it, on either side.
    let input = GradientChecker.spacedInput([3, 3, 2], samples: 2, scale: 2)
    #expect(input.values.contains { $0 > 0.72 } && input.values.contains { $0 < -0.72 })
    #expect(GradientChecker().failures(network, input: input) == [])
  }

  @Test func randomNumbersAreTheSameBackwards() throws {
    let network = try Network(
      ModelSpec("gain", input: [3, 2]) {
        Tanh()
        RandomGain(spread: 0.5)
      }, seed: 4)
    let input = GradientChecker.spacedInput([3, 2], samples: 2)
    let draw = Mode.Draw(seed: 1, epoch: 2, samples: [7, 8])
    #expect(GradientChecker(mode: .training(draw)).failures(network, input: input) == [])
    var probe = Probe(network, batch: 2)
    let still = probe.forward(input)
    let gained = probe.forward(input, mode: .training(draw))
    let gains = zip(gained.values, still.values).map { $0 / $1 }
    #expect(gains.allSatisfy { $0 > 0.5 && $0 < 1.5 })
    #expect(abs(gains[0] - gains[5]) < 1e-6 && abs(gains[0] - gains[6]) > 1e-3)
    // The sample's own number decides, not its place in the batch.
    let other = Mode.Draw(seed: 1, epoch: 2, samples: [8, 7])
    let swapped = zip(probe.forward(input, mode: .training(other)).values, still.values)
      .map { $0 / $1 }
    #expect(abs(swapped[0] - gains[6]) < 1e-6 && abs(swapped[6] - gains[0]) < 1e-6)
  }

  @Test func aFileStatesWhatIsRegistered() throws {
    let spec = ModelSpec("own", input: [3, 3, 2]) {
      DenselyConnected(layers: [Conv2D(filters: 2, kernel: 3, padding: .same), HardTanh()])
      HardTanh(limit: 0.5)
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
    let stated = ModelSpec("own", input: [3, 3, 2], layers: [spec.layers[0], spec.layers[1]])
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
          - hard_tanh: {limit: 0.5}

        """)
    #expect(try ModelFile(text: file.text, file: "again.yaml").spec == stated)
    let wrong = file.text.replacing("limit: 0.5", with: "limit: 0")
    #expect(
      complaint { _ = try ModelFile(text: wrong, file: "wrong.yaml") }
        == "wrong.yaml: line 8, column 24: expected limit: a number above 0, found \"0\"")
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
  static let help = "x between −limit and limit, the nearer of the two outside"
  static let prototype = HardTanh()
  static let settings: [Setting<HardTanh>] = [
    Setting("limit", \.limit, .positive, "the largest output")
  ]
  var common = LayerCommon()
  var limit: Float = 1

  func forward(_ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    for i in 0..<count { y[i] = max(-limit, min(limit, x[i])) }
  }

  func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { dx[i] = abs(x[i]) < limit ? dy[i] : 0 }
  }
}

struct RandomGain: LayerSpec {
  static let kind = "random_gain"
  static let help = "each sample times a random number near 1 in training"
  static let prototype = RandomGain(spread: 0)
  static let settings: [Setting<RandomGain>] = [
    Setting("spread", \.spread, .from(0, below: 1), "how far from 1 it may be").required()
  ]
  var common = LayerCommon()
  var spread: Float

  func build(input: Shape) throws(ModelError) -> any Layer {
    RandomGainLayer(inputShape: input, spread: spread)
  }
}

struct RandomGainLayer: StochasticLayer {
  let inputShape: Shape
  let spread: Float
  var node = 0

  var outputShape: Shape { inputShape }

  func isIdentity(training: Bool) -> Bool { !training }

  func forward(_ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode) {
    scale(x, into: y.mutablePointer(), mode)
  }

  // dx = gain · dy, with the same gains, as they are drawn from the same keys
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    if let dx = dx?.mutablePointer() { scale(dy, into: dx, mode) }
  }

  private func scale(_ source: Tensor, into target: UnsafeMutablePointer<Float>, _ mode: Mode) {
    let (from, size) = (source.pointer, inputShape.count)
    for n in 0..<source.samples {
      var gain: Float = 1
      if case .training(let draw) = mode {
        var random = CounterRandom(seed: draw.key(ofSample: n, node: node), .layer)
        gain = random.uniform(1 - spread, 1 + spread)
      }
      for i in n * size..<(n + 1) * size { target[i] = gain * from[i] }
    }
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
