import ImageData
import NeuralNetwork
import TestSupport
import Testing
import Training

/// Signs of a run that goes badly, on real digits.
@Suite struct WarningTests {
  private func warnings(
    _ spec: ModelSpec, _ change: (inout TrainingSettings) -> Void,
    prepare: (inout Network) -> Void = { _ in }
  ) throws -> [TrainingWarning] {
    let settings = TrainerTests.settings {
      $0.epochs = 1
      change(&$0)
    }
    var network = try Network(spec, seed: settings.seed)
    prepare(&network)
    let trainer = try Trainer(
      TrainingState(network: network, settings: settings), settings: settings,
      data: try TrainerTests.digits(), threads: 2)
    var warnings: [TrainingWarning] = []
    try trainer.run { event in
      if case .warning(let warning) = event { warnings.append(warning) }
      return .proceed
    }
    return warnings
  }

  @Test(arguments: ["lenet5", "mlp"]) func aRunThatGoesWellIsLeftInPeace(model: String) throws {
    #expect(try warnings(try TrainerTests.spec(model), { _ in }) == [])
  }

  @Test func unitsThatNeverFireAreCounted() throws {
    let spec = ModelSpec("dead", input: [28, 28, 1]) {
      Conv2D(filters: 4, kernel: 5)
      ReLU()
      MaxPool2D(window: 2)
      Flatten()
      Dense(units: 20)
      ReLU()
      Dense(units: 10)
    }
    let found = try warnings(spec, { $0.learningRate = 1e-9 }) { network in
      // A bias far below 0 keeps a unit from firing.
      for (entry, dead) in [(network.layout.entries[1], 2), (network.layout.entries[3], 7)] {
        var bias = [Float](repeating: 0.1, count: entry.range.count)
        for unit in 0..<dead { bias[unit] = -1e6 }
        network.setValues(bias, of: entry)
      }
    }
    #expect(
      found.map(\.description) == [
        "layer relu: 2 of 4 units fire for none of the 640 training samples; try a smaller learning rate",
        "layer relu_1: 7 of 20 units fire for none of the 640 training samples; try a smaller learning rate",
      ])
  }

  @Test func aUnitThatFiresForOneSampleIsNotDead() throws {
    // The 640 samples are more than those looked at first: a unit that only one of the others
    // makes fire seems dead until all are looked at.
    let digits = try TrainerTests.digits()
    let settings = TrainerTests.settings { $0.learningRate = 0 }
    let first = Array(
      CounterRandom.permutation(640, using: CounterRandom(seed: settings.seed, .shuffle, 0)).prefix(
        512))
    let rare = try #require((0..<Int32(640)).first { !first.contains($0) })
    let spec = ModelSpec("rare", input: [28, 28, 1]) {
      Flatten(); Dense(units: 2); ReLU(); Dense(units: 10)
    }
    var pixels = [Float](repeating: 0, count: 784)
    pixels.withUnsafeMutableBufferPointer { target in
      withUnsafePointer(to: rare) {
        if let target = target.baseAddress {
          digits.copySamples(UnsafeBufferPointer(start: $0, count: 1), to: target)
        }
      }
    }
    let square = pixels.reduce(0) { $0 + $1 * $1 }
    let found = try warnings(
      spec,
      {
        $0.learningRate = settings.learningRate
      }
    ) { network in
      // Unit 0 answers to that very image only, centered, and unit 1 to none.
      let mean = pixels.reduce(0, +) / 784
      let kernel: [Float] = pixels.flatMap { [$0 - mean, 0] }
      network.setValues(kernel, of: network.layout.entries[0])
      network.setValues([-(square - 784 * mean * mean) * 0.999, -1], of: network.layout.entries[1])
    }
    #expect(
      found == [.deadUnits(layer: "relu", dead: 1, units: 2, samples: 640)])
  }

  @Test func saturatedSigmoidsAreNamed() throws {
    for (spec, layer) in [
      (
        ModelSpec("sigmoids", input: [28, 28, 1]) {
          Flatten(); Dense(units: 20); Sigmoid(); Dense(units: 10); Sigmoid()
        }, "sigmoid"
      ),
      (
        ModelSpec("tanhs", input: [28, 28, 1]) {
          Flatten(); Dense(units: 20); Tanh(); Dense(units: 10)
        }, "tanh"
      ),
    ] {
      let found = try warnings(spec, { $0.loss = MeanSquaredError() }) { network in
        network.setValues(
          [Float](repeating: 100, count: 784 * 20), of: network.layout.entries[0])
      }
      #expect(found == [.saturated(layer: layer, share: 1)])
      #expect(
        found.first?.description
          == "layer \(layer): 100 % of its outputs are at the ends of its range, where hardly any gradient gets through; try batch_norm before it"
      )
    }
  }

  @Test func aLargeGradientIsNamedOnceAnEpoch() throws {
    let spec = try TrainerTests.spec("mlp")
    let large: (inout Network) -> Void = { network in
      let entry = network.layout.entries[2]
      network.setValues(entry.range.indices.map { $0 % 2 == 0 ? 1000 : -1000 }, of: entry)
    }
    let found = try warnings(
      spec,
      {
        $0.learningRate = 0
        $0.epochs = 2
      }, prepare: large)
    #expect(found.count == 2)
    guard case .largeGradient(let layer, let layerNorm, let norm, let step)? = found.first else {
      Issue.record("\(found)")
      return
    }
    #expect(layer == "dense" && step == 1)
    #expect(norm > 100 && layerNorm <= norm && layerNorm > 0.9 * norm)
    // A bound on the norm takes the harm away.
    let bounded = try warnings(
      spec,
      {
        $0.learningRate = 0
        $0.update = UpdateRule(SGD(), clipNorm: 1)
      }, prepare: large)
    #expect(bounded == [])
  }
}
