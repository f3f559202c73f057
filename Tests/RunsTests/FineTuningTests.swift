import Checkpoints
import NeuralNetwork
import Runs
import TestSupport
import Testing
import Training

/// Runs that begin with weights of another model.
@Suite struct FineTuningTests {
  /// The small run's model with two classes more, and another width at the end.
  private static let wider = ModelSpec(
    "wider", input: SmallRun.model.input,
    layers: SmallRun.model.layers.dropLast() + [Dense(units: 7).named("head")])

  @Test func whatFitsIsTakenAndTheRestStartsAnew() throws {
    let small = try SmallRun()
    let first = try small.begin()
    try first.train()
    let path = small("small.weights.h5")
    var network = try Network(Self.wider, seed: 9)
    let before = network
    let transfer = try network.takeWeights(from: path)
    let names = network.nodes.filter { $0.layer?.variables.isEmpty == false }.map(\.name)
    #expect(transfer.taken == Array(names.dropLast()))
    #expect(transfer.anew == [WeightTransfer.NewStart(layer: "head", reason: "not there")])
    #expect(
      "\(transfer)"
        == "took \(names.dropLast().joined(separator: " and ")) from \(path); head starts anew (not there)"
    )
    for entry in network.layout.entries {
      let isHead = network.nodes[entry.node].name == "head"
      let source = isHead ? before : first.state.network
      let other = try #require(
        source.layout.entries.first {
          source.nodes[$0.node].name == network.nodes[entry.node].name
            && $0.variable.name == entry.variable.name
        })
      #expect(network.values(of: entry) == source.values(of: other))
    }
  }

  @Test func otherShapesAreNamed() throws {
    let small = try SmallRun()
    try small.begin().train()
    let path = small("small.weights.h5")
    let narrow = ModelSpec(
      "narrow", input: SmallRun.model.input,
      layers: SmallRun.model.layers.dropLast() + [Dense(units: 3)])
    var network = try Network(narrow, seed: 1)
    let transfer = try network.takeWeights(from: path)
    #expect(transfer.anew.count == 1)
    #expect(transfer.anew[0].layer == "dense")
    #expect(transfer.anew[0].reason == "kernel 36×3, there 36×4")
    // All or nothing.
    #expect(
      complaint {
        _ = try Run(
          model: narrow, data: small.data, settings: small.settings, saving: small("n.weights.h5"),
          initialWeights: InitialWeights(path, isStrict: true))
      }
        == "\(path): layer dense: expected every layer of narrow, found kernel 36×3, there 36×4")
    let shorter = ModelSpec(
      "shorter", input: SmallRun.model.input, layers: Array(SmallRun.model.layers.dropLast()))
    var without = try Network(shorter, seed: 1)
    #expect(
      complaint { _ = try without.takeWeights(from: path, isStrict: true) }
        == "\(path): layer dense: expected no layer but those of shorter, found one more")
    #expect(try without.takeWeights(from: path).taken == ["conv2d"])
  }

  // Counts are whole numbers in the file.
  @Test func whatWasLearntFromTheSamplesIsTakenToo() throws {
    var small = try SmallRun()
    small.settings.epochs = 1
    let spec = ModelSpec(
      "adapted", input: SmallRun.model.input, layers: [Normalization()] + SmallRun.model.layers)
    let path = small("adapted.weights.h5")
    let run = try Run(model: spec, data: small.data, settings: small.settings, saving: path)
    try run.train()
    var network = try Network(spec, seed: 5)
    let transfer = try network.takeWeights(from: path, isStrict: true)
    #expect(transfer.taken == ["normalization", "conv2d", "dense"])
    #expect(network.weightsSHA256 == run.state.network.weightsSHA256)
  }

  @Test func nothingThatFitsIsAnError() throws {
    let small = try SmallRun()
    try small.begin().train()
    let path = small("small.weights.h5")
    var network = try Network(
      ModelSpec("alien", input: [3]) { Dense(units: 2).named("other") }, seed: 1)
    #expect(
      complaint { _ = try network.takeWeights(from: path) }
        == "\(path): expected a layer that alien has too, found none that fits; other: not there")
  }

  @Test func aFrozenRunResumesToTheSameBits() throws {
    var small = try SmallRun()
    try small.begin().train()
    small.settings.epochs = 4
    let spec = try SmallRun.model.freezing(["conv2d"])
    func begin(_ file: String, steps: Int?) throws -> Run {
      try Run(
        model: spec, data: small.data, settings: small.settings, saving: small(file),
        initialWeights: InitialWeights(small("small.weights.h5")),
        options: RunOptions(maxSteps: steps))
    }
    let whole = try begin("whole.weights.h5", steps: nil)
    let start = whole.state.network
    try whole.train()
    try begin("part.weights.h5", steps: 5).train()
    let resumed = try Run(resuming: small("part.weights.h5"), data: small.data)
    try resumed.train()
    let state = try Checkpoint(contentsOf: small("part.weights.h5"))
    #expect(
      try state.stateSHA256()
        == Checkpoint(contentsOf: small("whole.weights.h5")).stateSHA256())
    for entry in start.layout.entries {
      let isKept = state.network.values(of: entry) == start.values(of: entry)
      #expect(isKept == !entry.isTrained, "\(start.nodes[entry.node].name)")
    }
    #expect(state.state.optimizer.slots.allSatisfy { $0.count == start.layout.trainedCount })
  }
}
