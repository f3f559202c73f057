import NeuralNetwork
import TestSupport
import Testing

/// Blocks of a user's, and what they may not leave behind.
@Suite struct BlockTests {
  private static func complaint(_ layers: any LayerSpec...) -> String {
    TestSupport.complaint {
      _ = try Network(ModelSpec("blocks", input: [4, 4, 2], layers: layers), seed: 1)
    }
  }

  private static let hint =
    "; a block joins what it appends with appendSum, appendProduct or appendConcatenation"

  @Test func aBlockMayNotEndOnARewind() {
    #expect(
      Self.complaint(Tanh(), Steps([.layer, .rewind]))
        == "layer 2 (steps): ends on a rewind, so that the next layer would not read what was appended last"
        + Self.hint)
    #expect(
      Self.complaint(Tanh(), Residual { Steps([.layer, .layer, .rewind]) })
        == "layer 2 (residual), layer 1 (steps): ends on a rewind, so that the next layer would not read what was appended last"
        + Self.hint)
    #expect(
      Self.complaint(Tanh(), Steps([.toTheModelsInput]))
        == "layer 2 (steps): ends on a rewind, so that the next layer would not read what was appended last"
        + Self.hint)
  }

  @Test func nothingThatABlockAppendsIsForgotten() {
    #expect(
      Self.complaint(Steps([.layer, .rewind, .layer]))
        == "layer 1 (steps): nothing reads what sigmoid gives" + Self.hint)
    #expect(
      Self.complaint(Tanh(), Steps([.toTheModelsInput, .layer]))
        == "layer 2 (steps): nothing reads what tanh gives" + Self.hint)
  }

  @Test func aShortcutOfItsOwnComputesWhatAProjectionDoes() throws {
    let layers: [any LayerSpec] = [Conv2D(filters: 3, kernel: 3, stride: 2, padding: .same)]
    let projected = try Network(
      ModelSpec("blocks", input: [4, 4, 2], layers: [Residual(layers: layers)]), seed: 1)
    let stated = try Network(
      ModelSpec(
        "blocks", input: [4, 4, 2],
        layers: [Residual(layers: layers, shortcut: [Conv2D(filters: 3, kernel: 1, stride: 2)])]),
      seed: 1)
    #expect(stated.nodes.map(\.name) == projected.nodes.map(\.name))
    #expect(stated.variables.values == projected.variables.values)
    let image = (0..<32).map { Float($0) / 32 }
    func outputs(_ network: Network) throws -> [Float] {
      try Predictor(network, pool: ThreadPool(threads: 1)).output(for: image)
    }
    #expect(try outputs(stated) == outputs(projected))
  }

  @Test func aBlockThatAppendsNothingIsItsInput() throws {
    let empty = Steps([])
    let spec = ModelSpec("blocks", input: [4, 4, 2]) {
      empty
      Concatenate(branches: [[empty], [Tanh(), empty]])
      empty
    }
    let network = try Network(spec, seed: 1)
    #expect(network.nodes.map(\.name) == ["tanh", "concatenate"])
    #expect(network.outputShape == [4, 4, 4])
    #expect(
      Self.complaint(empty)
        == "layers: expected at least one that computes something, found none")
  }

  @Test func aVariableIsReadByItsNames() throws {
    let spec = ModelSpec("blocks", input: [4, 4, 2]) {
      PReLU(shared: true, initial: 0.25)
      Flatten()
      Dense(units: 2, initializer: .ones).named("last")
    }
    let network = try Network(spec, seed: 1)
    #expect(network.values(of: "p_re_lu", "alpha") == nil)
    #expect(network.values(of: "prelu", "alpha") == [0.25, 0.25])
    #expect(network.values(of: "last", "bias") == [0, 0])
    #expect(network.values(of: "last", "kernel") == [Float](repeating: 1, count: 64))
    #expect(network.values(of: "last", "alpha") == nil)
    #expect(network.values(of: "dense", "kernel") == nil)
  }
}

/// A block that does what it is told.
private struct Steps: BlockSpec {
  enum Step: Sendable { case layer, rewind, toTheModelsInput }

  static let kind = "steps"
  static let help = "what it is told"
  static let prototype = Steps([])
  var common = LayerCommon()
  let steps: [Step]

  init(_ steps: [Step]) { self.steps = steps }

  func add(to graph: inout GraphBuilder) throws(ModelError) {
    let start = graph.current
    for step in steps {
      switch step {
      case .layer: try graph.append(Sigmoid())
      case .rewind: graph.rewind(to: start)
      case .toTheModelsInput: graph.rewind(to: 0)
      }
    }
  }
}
