import NeuralNetwork
import Testing

@testable import Interchange

@Suite struct LayerGraphTests {
  private func conv(_ filters: Int = 2) -> LayerGraph.Step {
    .layer(Conv2D(filters: filters, kernel: 1))
  }

  @Test func aChainIsAList() throws {
    var graph = LayerGraph()
    let a = graph.append(conv(), named: "a", reading: [0])
    let b = graph.append(.layer(ReLU()), named: "b", reading: [a])
    let layers = try graph.layers(to: b)
    #expect(
      ModelSpec("m", input: [2, 2, 1], layers: layers)
        == ModelSpec(
          "m", input: [2, 2, 1],
          layers: [Conv2D(filters: 2, kernel: 1).named("a"), ReLU().named("b")]))
  }

  @Test func blocksMayBeInsideEachOther() throws {
    var graph = LayerGraph()
    let stem = graph.append(conv(), named: "stem", reading: [0])
    let a = graph.append(conv(), named: "a", reading: [stem])
    let inner = graph.append(.sum, named: "inner", reading: [stem, a])
    let b = graph.append(conv(), named: "b", reading: [inner])
    let c = graph.append(conv(), named: "c", reading: [stem])
    let outer = graph.append(.sum, named: "outer", reading: [b, c])
    let gate = graph.append(conv(), named: "gate", reading: [outer])
    let scaled = graph.append(.product, named: "scaled", reading: [gate, outer])
    let d = graph.append(conv(3), named: "d", reading: [scaled])
    let joined = graph.append(.concatenation, named: "joined", reading: [scaled, d])
    let layers = try graph.layers(to: joined)
    let one = Conv2D(filters: 2, kernel: 1)
    let expected: [any LayerSpec] = [
      one.named("stem"),
      Residual(
        layers: [
          Residual(projection: .identity, layers: [one.named("a")]), one.named("b"),
        ], shortcut: [one.named("c")]),
      Multiply(layers: [one.named("gate")]),
      Concatenate(branches: [[], [Conv2D(filters: 3, kernel: 1).named("d")]]),
    ]
    #expect(
      ModelSpec("m", input: [2, 2, 1], layers: layers)
        == ModelSpec("m", input: [2, 2, 1], layers: expected))
    #expect(
      try Network(ModelSpec("m", input: [2, 2, 1], layers: layers), seed: 0).outputShape
        == [2, 2, 5])
  }

  @Test func aSumOfThreeIsASumOfTwoAndOne() throws {
    var graph = LayerGraph()
    let a = graph.append(conv(1), named: "a", reading: [0])
    let b = graph.append(conv(1), named: "b", reading: [0])
    let sum = graph.append(.sum, named: "sum", reading: [a, 0, b])
    let layers = try graph.layers(to: sum)
    let one = Conv2D(filters: 1, kernel: 1)
    let expected = Residual(
      projection: .identity,
      layers: [Residual(layers: [one.named("a")], shortcut: [one.named("b")])])
    #expect(
      ModelSpec("m", input: [2, 2, 1], layers: layers)
        == ModelSpec("m", input: [2, 2, 1], layers: [expected]))
  }

  private func complaint(_ build: (inout LayerGraph) -> Int) -> String {
    var graph = LayerGraph()
    let output = build(&graph)
    do throws(ModelError) {
      _ = try graph.layers(to: output)
      return "none"
    } catch {
      return error.description
    }
  }

  @Test func whatNoBlockStatesIsRefusedByName() {
    #expect(
      complaint {
        let a = $0.append(conv(), named: "a", reading: [0])
        _ = $0.append(conv(), named: "idle", reading: [a])
        return a
      } == "layer idle: nothing reads what it gives")
    #expect(
      complaint {
        let a = $0.append(conv(), named: "a", reading: [0])
        return $0.append(.sum, named: "twice", reading: [a, a])
      } == "layer twice: adds the same activation more than once")
    #expect(
      complaint {
        let a = $0.append(conv(), named: "a", reading: [0])
        let b = $0.append(conv(), named: "b", reading: [0])
        return $0.append(.product, named: "gate", reading: [a, b])
      }
        == "layer gate: is a product of other than one activation and what layers make of it")
    #expect(
      complaint {
        // b reads a inside of what c and d join: their branches cross.
        let a = $0.append(conv(), named: "a", reading: [0])
        let b = $0.append(conv(), named: "b", reading: [0])
        let c = $0.append(.sum, named: "c", reading: [a, b])
        return $0.append(.sum, named: "d", reading: [a, c])
      } == "layer a: is read by two branches that do not begin there")
  }
}
