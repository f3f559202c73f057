import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// Layers that training leaves alone.
@Suite struct FreezingTests {
  private static let model = ModelSpec("frozen", input: [6, 6, 2]) {
    Conv2D(filters: 3, kernel: 3)
    ReLU()
    Residual {
      Conv2D(filters: 3, kernel: 3, padding: .same)
      BatchNorm()
    }.named("block")
    Flatten()
    Dense(units: 5)
    Tanh()
    Dense(units: 3)
  }

  private static func gradient(
    _ network: Network
  ) -> (values: [[Float]?], statistics: Network) {
    let source = ListedSamples.random(
      network.inputShape, count: 21, classes: network.outputShape.count)
    let step = GradientStep(network, loss: CrossEntropy(), batch: 21, pool: ThreadPool(threads: 2))
    _ = (0..<21).map { Int32($0) }.withUnsafeBufferPointer {
      step.runAlone(network, source, $0, seed: 1, epoch: 0)
    }
    var copy = network
    step.updateStatistics(of: &copy)
    let values = network.layout.entries.map { entry in
      entry.isTrained ? entry.range.map { step.gradient[$0] } : nil
    }
    return (values, copy)
  }

  // What is not frozen has the gradient that it has without the freezing, as long as no statistics of a batch
  // are involved.
  @Test(arguments: [
    ["conv2d"], ["conv2d", "conv2d_1"], ["dense"], ["dense_1"], ["conv2d*", "dense"],
  ])
  func theOthersHaveTheirGradients(names: [String]) throws {
    var spec = Self.model
    spec = try spec.freezing(["batch_norm"])
    let whole = try Network(spec, seed: 3)
    let frozen = try Network(spec.freezing(names), seed: 3)
    let (expected, _) = Self.gradient(whole), (found, _) = Self.gradient(frozen)
    var compared = 0
    for (number, entry) in frozen.layout.entries.enumerated() {
      let name = frozen.nodes[entry.node].name
      let isNamed = names.contains(name) || (names.contains("conv2d*") && name.hasPrefix("conv2d"))
      #expect(entry.isTrained == (!isNamed && name != "batch_norm"), "\(name)")
      guard let values = found[number] else { continue }
      #expect(values == expected[number], "\(entry.variable.name) of \(name)")
      compared += 1
    }
    #expect(compared >= 2)
    #expect(
      frozen.trainedParameterCount
        == frozen.layout.entries.reduce(0) { $0 + ($1.isTrained ? $1.variable.shape.count : 0) })
    #expect(frozen.parameterCount == whole.parameterCount)
  }

  @Test func frozenBatchNormalizationUsesItsRunningStatistics() throws {
    let spec = ModelSpec("rest", input: [3]) {
      Dense(units: 4)
      BatchNorm()
      Dense(units: 2)
    }
    let trained = try Network(spec, seed: 2)
    let frozen = try Network(spec.freezing(["batch_norm"]), seed: 2)
    func statistics(_ network: Network) -> [[Float]] {
      network.layout.entries.filter { $0.variable.role == .statistic }.map {
        network.values(of: $0)
      }
    }
    #expect(statistics(Self.gradient(trained).statistics) != statistics(trained))
    #expect(statistics(Self.gradient(frozen).statistics) == statistics(frozen))

    // With mean 0 and variance 1 it divides by √(1 + ε) alone: with ε all but 0 the gradients are those of a
    // network without it.
    let thin = ModelSpec("thin", input: [3]) {
      Dense(units: 4)
      BatchNorm(epsilon: 1e-9)
      Dense(units: 2)
    }
    let bare = ModelSpec("bare", input: [3]) {
      Dense(units: 4)
      Dense(units: 2)
    }
    let rested = try Network(thin.freezing(["batch_norm"]), seed: 2)
    var plain = try Network(bare, seed: 1)
    let trainedEntries = rested.layout.entries.filter(\.isTrained)
    for (entry, source) in zip(plain.layout.entries, trainedEntries) {
      plain.setValues(rested.values(of: source), of: entry)
    }
    let found = Self.gradient(rested).values.compactMap { $0 }
    let expected = Self.gradient(plain).values.compactMap { $0 }
    #expect(found.count == 4 && expected.count == 4)
    for (a, b) in zip(found, expected) {
      #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  @Test func aBlockFreezesWhatIsInside() throws {
    let frozen = try Network(Self.model.freezing(["block"]), seed: 1)
    let names = frozen.nodes.filter { !$0.isTrained }.map(\.name)
    #expect(names == ["conv2d_1", "batch_norm", "add"])
    let inner = try Network(Self.model.freezing(["*"], unfreezing: ["block"]), seed: 1)
    let trained = inner.layout.entries.filter(\.isTrained).map { inner.nodes[$0.node].name }
    #expect(Set(trained) == ["conv2d_1", "batch_norm"])
  }

  @Test func aBlockWithoutANameIsMeantByAStar() throws {
    let spec = ModelSpec("unnamed", input: [4, 4, 1]) {
      Residual { Conv2D(filters: 1, kernel: 3, padding: .same) }
      Flatten()
      Dense(units: 2)
    }
    let frozen = try spec.freezing(["*"])
    #expect(try Network(frozen, seed: 1).trainedParameterCount == 0)
    #expect(try frozen.freezing([], unfreezing: ["*"]) == spec)
  }

  // A name that a summary shows is one that can be frozen.
  @Test func aProjectionIsFrozenByItsName() throws {
    let spec = ModelSpec("projected", input: [6, 6, 2]) {
      Residual {
        Conv2D(filters: 3, kernel: 3, padding: .same)
      }
      Residual {
        Conv2D(filters: 4, kernel: 3, padding: .same)
      }.named("block")
      Flatten()
      Dense(units: 3)
    }
    func trained(_ frozen: [String], _ unfrozen: [String] = []) throws -> [String] {
      let network = try Network(spec.freezing(frozen, unfreezing: unfrozen), seed: 1)
      return network.nodes.filter { $0.isTrained && $0.layer?.variables.isEmpty == false }.map(
        \.name)
    }
    #expect(
      try trained([]) == ["conv2d", "conv2d_1", "conv2d_2", "block_projection", "dense"])
    #expect(try trained(["conv2d_1"]) == ["conv2d", "conv2d_2", "block_projection", "dense"])
    #expect(try trained(["conv2d*"]) == ["block_projection", "dense"])
    #expect(try trained(["*"], ["block"]) == ["conv2d_2", "block_projection"])
    #expect(try trained(["*"], ["block*"]) == ["conv2d_2", "block_projection"])
    #expect(try trained(["*"]) == [])
    let stated = try #require(ModelFile(spec.freezing(["conv2d_1"])))
    #expect(try ModelFile(text: stated.text, file: "again").spec == spec.freezing(["conv2d_1"]))
  }

  @Test func namesThatDoNotServeAreNamed() {
    func complaint(_ frozen: [String], _ trained: [String] = []) -> String {
      TestSupport.complaint { _ = try Self.model.freezing(frozen, unfreezing: trained) }
    }
    #expect(
      complaint(["convolution"])
        == "no layer is called \"convolution\"; the model has conv2d, relu, block, conv2d_1, batch_norm, flatten, dense, tanh, dense_1"
    )
    #expect(
      complaint(["block"], ["conv2d_1"])
        == "conv2d_1 is inside a block that is frozen; unfreeze the block by its name")
  }

  @Test func aFrozenBlockWithoutANameIsToGetOne() {
    var inner = Residual { Conv2D(filters: 2, kernel: 1).named("deep") }
    inner.common.trainable = false
    var outer = Concatenate(branches: [[], [Tanh(), inner.named("inner")]])
    outer.common.trainable = false
    func complaint(_ layers: [any LayerSpec], _ trained: [String]) -> String {
      TestSupport.complaint {
        let spec = ModelSpec("frozen", input: [4, 4, 2], layers: layers)
        _ = try spec.freezing([], unfreezing: trained)
      }
    }
    #expect(
      complaint([outer], ["inner", "deep"])
        == "deep is inside a block that is frozen; name the concatenate block to unfreeze it by its name, or remove its trainable: false"
    )
    #expect(
      complaint([outer.named("outer")], ["deep"])
        == "deep is inside a block that is frozen; unfreeze the block by its name")
    #expect(complaint([outer.named("outer")], ["outer"]) == "no error")
  }
}
