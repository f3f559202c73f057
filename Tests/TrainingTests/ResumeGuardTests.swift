import ImageData
import NeuralNetwork
import TestSupport
import Testing
import Training

/// A state is resumed as the run it was, or not at all.
@Suite struct ResumeGuardTests {
  private static let spec = ModelSpec("small", input: [2, 2, 1]) {
    Flatten()
    Dense(units: 3)
  }

  private static func images(
    count: Int = 25, brighter: UInt8 = 0, labels: Int = 3
  ) throws -> ImageSet {
    var random = SplitMix64(state: 4)
    let pixels = (0..<4 * count).map { _ in UInt8.random(in: 0..<200, using: &random) + brighter }
    return try ImageSet(
      pixels: pixels, labels: (0..<count).map { UInt8($0 % labels) }, height: 2, width: 2)
  }

  private static func settings(_ change: (inout TrainingSettings) -> Void = { _ in })
    -> TrainingSettings
  {
    var settings = TrainingSettings()
    settings.update = UpdateRule(Adam())
    settings.batchSize = 4
    settings.epochs = 3
    settings.seed = 17
    settings.validationFraction = 0.2
    change(&settings)
    return settings
  }

  /// A state after this many steps, of which an epoch has five.
  private static func state(
    after steps: Int, _ settings: TrainingSettings = settings()
  ) throws -> TrainingState {
    let trainer = try Trainer(spec, settings: settings, data: try images(), threads: 1)
    try trainer.run { event in
      if case .epoch = event, trainer.state.optimizer.step == steps { return .stop }
      return trainer.state.optimizer.step == steps && steps % 5 > 0 ? .stop : .proceed
    }
    #expect(trainer.state.optimizer.step == steps && trainer.state.batch == steps % 5)
    return trainer.state
  }

  /// Resuming inside an epoch or at its end makes no difference.
  @Test(arguments: [7, 10]) func anotherBasisIsRefused(steps: Int) throws {
    let state = try Self.state(after: steps)
    let data = try Self.images()
    let cases: [(SettingError, (inout TrainingSettings) -> Void)] = [
      (SettingError("seed", expected: "17, as the run began with", found: "18"), { $0.seed = 18 }),
      (
        SettingError("batch_size", expected: "4, as the run began with", found: "5"),
        { $0.batchSize = 5 }
      ),
      (
        SettingError("shuffle", expected: "true, as the run began with", found: "false"),
        { $0.shuffles = false }
      ),
      (
        SettingError("validation_fraction", expected: "0.2, as the run began with", found: "0.4"),
        { $0.validationFraction = 0.4 }
      ),
      (
        SettingError("limit", expected: "none, as the run began with", found: "20"),
        { $0.limit = 20 }
      ),
      (
        SettingError(
          "optimizer",
          expected: "adam with momentum and velocity, whose memory the state holds",
          found: "sgd without slots"), { $0.update = UpdateRule(SGD()) }
      ),
      (
        SettingError(
          "optimizer",
          expected: "adam with momentum and velocity, whose memory the state holds",
          found: "adamw with momentum and velocity"), { $0.update = UpdateRule(AdamW()) }
      ),
    ]
    for (expected, change) in cases {
      #expect(throws: expected) {
        try Trainer(state, settings: Self.settings(change), data: data, threads: 1)
      }
    }
  }

  @Test func momentumThatBeginsHasNoSlot() throws {
    let state = try Self.state(after: 3, Self.settings { $0.update = UpdateRule(SGD()) })
    #expect(
      throws: SettingError(
        "optimizer", expected: "sgd without slots, whose memory the state holds",
        found: "sgd with momentum")
    ) {
      try Trainer(
        state, settings: Self.settings { $0.update = UpdateRule(SGD(momentum: 0.9)) },
        data: try Self.images(), threads: 1)
    }
  }

  /// Slots of one rule are no other's, even where there are as many.
  @Test func anotherOptimizersMemoryIsRefusedUnlessItIsRestarted() throws {
    let plain = UpdateRule(SGD()), adam = UpdateRule(Adam()), rmsProp = UpdateRule(RMSProp())
    let momentum = UpdateRule(SGD(momentum: 0.9))
    let cases: [(old: UpdateRule, new: UpdateRule, expected: String, found: String)] = [
      (plain, adam, "sgd without slots", "adam with momentum and velocity"),
      (plain, rmsProp, "sgd without slots", "rmsprop with velocity"),
      (adam, momentum, "adam with momentum and velocity", "sgd with momentum"),
      (rmsProp, momentum, "rmsprop with velocity", "sgd with momentum"),
      (momentum, rmsProp, "sgd with momentum", "rmsprop with velocity"),
    ]
    for (old, new, expected, found) in cases {
      let state = try Self.state(after: 7, Self.settings { $0.update = old })
      let settings = Self.settings {
        $0.update = new
        $0.learningRate = 0.01
      }
      let data = try Self.images()
      let error = #expect(throws: SettingError.self) {
        try Trainer(state, settings: settings, data: data, threads: 1)
      }
      #expect(
        error?.description
          == "optimizer: expected \(expected), whose memory the state holds, found \(found)")
      let trainer = try Trainer(
        state, settings: settings, data: data, threads: 1, restartsOptimizer: true)
      #expect(trainer.state.optimizer == OptimizerState(new.optimizer, for: state.network))
      #expect(trainer.state.network.variables == state.network.variables)
      #expect(trainer.state.epoch == 1 && trainer.state.batch == 2)
      let numbers = trainer.split.training
      let before = trainer.evaluate(numbers).mean
      try trainer.run()
      #expect(trainer.state.optimizer.step == 8 && trainer.state.epoch == 3)
      #expect(trainer.evaluate(numbers).mean < before)
    }
  }

  /// The first step from an empty memory is that of a run that begins there.
  @Test func aRestartedOptimizerStepsAsANewOne() throws {
    let settings = Self.settings { $0.schedule = Schedule(.constant) }
    let state = try Self.state(after: 5, settings)
    var fresh = TrainingState(network: state.network, settings: settings)
    (fresh.epoch, fresh.history) = (state.epoch, state.history)
    let trainers = try [
      Trainer(state, settings: settings, data: try Self.images(), restartsOptimizer: true),
      Trainer(fresh, settings: settings, data: try Self.images()),
      Trainer(state, settings: settings, data: try Self.images()),
    ]
    for trainer in trainers { try trainer.run { _ in .stop } }
    let variables = trainers.map(\.state.network.variables)
    #expect(variables[0] == variables[1] && variables[0] != variables[2])
    #expect(trainers.map(\.state.optimizer.step) == [1, 1, 6])
  }

  @Test func otherDataIsRefused() throws {
    let state = try Self.state(after: 7)
    let other = try Self.images(brighter: 1)
    #expect(
      throws: SettingError(
        "data",
        expected: "the SHA-256 \(try Self.images().identity().hexadecimal), as the run began with",
        found: "the SHA-256 \(other.identity().hexadecimal)")
    ) { try Trainer(state, settings: Self.settings(), data: other, threads: 1) }
    #expect(
      throws: SettingError(
        "data", expected: "25 samples, as the run began with", found: "30 samples")
    ) {
      try Trainer(state, settings: Self.settings(), data: try Self.images(count: 30), threads: 1)
    }
  }

  /// Samples that no digest is known of.
  private struct Unknown: SampleSource {
    let images: ImageSet
    var count: Int { images.count }
    var sampleShape: Shape { images.sampleShape }

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
    ) { images.copySamples(numbers, to: samples) }

    func copyLabels(
      _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>
    ) { images.copyLabels(numbers, to: labels) }
  }

  @Test func dataWithoutADigestIsKnownByItsCount() throws {
    let trainer = try Trainer(
      Self.spec, settings: Self.settings(), data: Unknown(images: try Self.images()), threads: 1)
    #expect(trainer.state.basis.samples == 25 && trainer.state.basis.dataSHA256 == nil)
    let state = trainer.state
    #expect(
      throws: SettingError(
        "data", expected: "25 samples, as the run began with", found: "30 samples")
    ) {
      try Trainer(
        state, settings: Self.settings(), data: Unknown(images: try Self.images(count: 30)))
    }
    // Once a digest is known, it is kept.
    let known = try Trainer(
      state, settings: Self.settings(), data: try Self.images(), threads: 1
    ).state
    #expect(known.basis.dataSHA256 == (try Self.images()).sha256)
  }

  @Test func whatWeighsTheStepsMayChange() throws {
    let state = try Self.state(after: 7)
    let settings = Self.settings {
      $0.epochs = 5
      $0.scheduleEpochs = 3
      $0.patience = 2
      $0.learningRate = 0.0001
      $0.schedule = Schedule(.cosine(final: 0))
      $0.labelSmoothing = 0.1
      $0.update = UpdateRule(Adam(beta1: 0.8), l2: 0.1, clipNorm: 1)
      $0.mixup = 0.2
      $0.weightAverage = 0.9
    }
    let trainer = try Trainer(state, settings: settings, data: try Self.images(), threads: 2)
    try trainer.run { _ in trainer.state.optimizer.step == 9 ? .stop : .proceed }
    #expect(trainer.state.optimizer.step == 9)
  }

  @Test func anotherBasisStartsAnewFromTheWeights() throws {
    let old = try Self.state(after: 7)
    let settings = Self.settings {
      $0.seed = 18
      $0.update = UpdateRule(SGD(momentum: 0.5))
    }
    let state = TrainingState(network: old.network, settings: settings)
    let trainer = try Trainer(
      state, settings: settings, data: try Self.images(brighter: 1), threads: 1)
    #expect(trainer.state.network.variables == old.network.variables)
    #expect(trainer.state.optimizer.step == 0 && trainer.state.epoch == 0)
  }

  @Test func aStateThatWasTakenApartIsRefused() throws {
    let state = try Self.state(after: 7)
    func error(_ change: (inout TrainingState) throws -> Void) throws -> String? {
      var changed = state
      try change(&changed)
      let error = #expect(throws: SettingError.self) {
        try Trainer(changed, settings: Self.settings(), data: try Self.images(), threads: 1)
      }
      return error?.description
    }
    let broken =
      "state: expected an epoch, a batch and a step from 0 and a record of each finished epoch, found"
    #expect(
      try error { $0.epoch = -1 } == "\(broken) epoch -1, batch 2, step 7 and 1 records")
    #expect(
      try error { $0.batch = -1 } == "\(broken) epoch 1, batch -1, step 7 and 1 records")
    #expect(
      try error { $0.history = [] } == "\(broken) epoch 1, batch 2, step 7 and 0 records")
    #expect(
      try error { $0.batch = 6 }
        == "state: expected at most the 5 batches of an epoch, found 6")
    #expect(
      try error { $0.average = Tensor(samples: 1, shape: [16]) }
        == "state: expected an average of 32 floats, as the network has, found one of 16")
    #expect(
      try error { $0.optimizer.slots[1] = Tensor(samples: 1, shape: [16]) }
        == "state: expected 2 slots of 32 floats, one for each trained weight, found [32, 16]"
    )
    #expect(
      try error { $0.optimizer.slots.removeLast() }
        == "state: expected 2 slots of 32 floats, one for each trained weight, found [32]"
    )
  }

  @Test func labelsBeyondTheOutputsAreRefused() throws {
    #expect(
      throws: SettingError(
        "data", expected: "labels from 0 to 2, one for each output", found: "3 of sample 3")
    ) {
      try Trainer(
        Self.spec, settings: Self.settings { $0.validationFraction = 0 },
        data: try Self.images(labels: 4), threads: 1)
    }
  }

  @Test func aSplitChecksItsSettings() {
    #expect(
      throws: SettingError("validation_fraction", expected: "0 to below 1", found: "nan")
    ) { try SampleSplit(count: 10, settings: Self.settings { $0.validationFraction = .nan }) }
    #expect(
      throws: SettingError(
        "data", expected: "at most 2147483647 samples", found: "2147483648")
    ) { try SampleSplit(count: 1 << 31, settings: Self.settings()) }
  }
}
