import ImageData
import NeuralNetwork
import Testing

@testable import Training

/// A number of a sample, from -1 to 1.
private func value(_ number: Int32, _ place: Int) -> Float {
  var random = CounterRandom(seed: 7, .test, Int(number), place)
  return random.uniform(-1, 1)
}

/// Targets that are no classes, and what a run goes by then.
@Suite struct TargetTests {
  /// Samples of two numbers whose target is a sum, or that and a difference.
  struct Sums: SampleSource {
    var shape: Shape = [1]
    let count = 240
    var sampleShape: Shape { [2] }
    var targets: TargetKind { .values(shape) }

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
    ) {
      for (i, number) in numbers.enumerated() {
        for j in 0..<2 { samples[2 * i + j] = value(number, j) }
      }
    }

    func copyTargets(
      _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>
    ) {
      for (i, number) in numbers.enumerated() {
        let (a, b) = (value(number, 0), value(number, 1))
        targets[outputs * i] = a + b
        if outputs > 1 { targets[outputs * i + 1] = a - b }
      }
    }
  }

  /// Samples of two numbers with a label for each that is above 0, or, of three classes, 0 for both.
  struct Signs: SampleSource {
    var hasClasses = false
    let count = 240
    var sampleShape: Shape { [2] }
    var targets: TargetKind { hasClasses ? .classes : .values([2]) }

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
    ) {
      for (i, number) in numbers.enumerated() {
        for j in 0..<2 { samples[2 * i + j] = value(number, j) }
      }
    }

    func copyTargets(
      _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>
    ) {
      for (i, number) in numbers.enumerated() {
        for j in 0..<2 { targets[2 * i + j] = value(number, j) > 0 ? 1 : 0 }
      }
    }

    func copyLabels(
      _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>
    ) {
      // One in ten is of class 1.
      for (i, number) in numbers.enumerated() { labels[i] = number % 10 == 0 ? 1 : 0 }
    }
  }

  private static func settings(
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.loss = MeanSquaredError()
    settings.learningRate = 0.05
    settings.batchSize = 16
    settings.epochs = 8
    settings.seed = 3
    settings.validationFraction = 0.25
    change(&settings)
    return settings
  }

  private static func spec(_ units: Int) -> ModelSpec {
    ModelSpec("linear", input: [2], layers: [Dense(units: units)])
  }

  private func error(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    ("mse", Float(0.05)), ("mae", 0.05), ("huber", 0.05), ("huber:delta=0.25", 0.05),
  ]) func numbersAreLearnt(loss: String, rate: Float) throws {
    let settings = Self.settings {
      $0.learningRate = rate
      $0.epochs = 20
    }
    var own = settings
    own.loss = try LossRegistry.loss(loss)
    own.schedule = Schedule(.cosine(final: 0))
    own.metrics = MetricList([MeanAbsoluteError()])
    let trainer = try Trainer(Self.spec(2), settings: own, data: Sums(shape: [2]), threads: 2)
    var stepsHaveClasses: Set<Bool> = []
    try trainer.run { event in
      if case .step(let report) = event { stepsHaveClasses.insert(report.hasClasses) }
      return .proceed
    }
    #expect(stepsHaveClasses == [false])
    let history = trainer.state.history
    #expect(history.allSatisfy { $0.accuracy == nil && $0.validationAccuracy == nil })
    #expect((history.last?.validationMetrics?["mae"] ?? 1) < 0.02)
    // Without classes the loss says which epoch is best.
    let best = history.min { ($0.validationLoss ?? 1) < ($1.validationLoss ?? 1) }
    #expect(trainer.state.best == best)
    let evaluation = Evaluation(
      trainer.state.network, on: Sums(shape: [2]), loss: own.loss, metrics: [MeanSquaredError()])
    #expect(evaluation.confusion.isEmpty && !evaluation.hasClasses && evaluation.correct == 0)
    #expect(evaluation.metrics[0].value < 0.001)
  }

  @Test func severalLabelsAreLearnt() throws {
    let settings = Self.settings {
      $0.loss = BinaryCrossEntropy()
      $0.learningRate = 0.1
      $0.epochs = 20
      $0.metrics = MetricList([Accuracy(), F1()])
      $0.monitor = .metric(F1())
    }
    let trainer = try Trainer(Self.spec(2), settings: settings, data: Signs(), threads: 2)
    try trainer.run()
    let last = try #require(trainer.state.history.last)
    #expect(last.accuracy == nil && last.validationAccuracy == nil)
    #expect((last.validationMetrics?["accuracy"] ?? 0) > 0.95)
    let f1 = trainer.state.history.compactMap { $0.validationMetrics?["f1"] }
    #expect(f1.count == 20 && trainer.state.best?.validationMetrics?["f1"] == f1.max())
  }

  @Test func targetsThatDoNotFitAreRefused() {
    func begin(
      _ units: Int, _ data: some SampleSource, _ change: (inout TrainingSettings) -> Void = { _ in }
    ) -> String {
      error {
        _ = try Trainer(Self.spec(units), settings: Self.settings(change), data: data, threads: 1)
      }
    }
    #expect(begin(2, Sums(shape: [2])) == "no error")
    #expect(
      begin(1, Sums(shape: [2]))
        == "data: expected targets of 1, one number for each output, found targets of 2")
    #expect(
      begin(2, Sums(shape: [2])) { $0.labelSmoothing = 0.1 }
        == "label_smoothing: expected 0, as the samples have no classes, found 0.1")
    #expect(
      begin(2, Sums(shape: [2])) { $0.classWeights = .balanced }
        == "class_weights: expected none, as the samples have no classes, found balanced")
    #expect(
      begin(2, Sums(shape: [2])) { $0.metrics = MetricList([F1()]) }
        == "metrics: expected a metric of numbers, such as mae, as the samples have no classes, found f1"
    )
    #expect(
      begin(2, Sums(shape: [2])) { $0.monitor = .metric(Recall()) }
        == "monitor: expected a metric of numbers, such as mae, as the samples have no classes, found recall"
    )
    #expect(
      begin(2, Signs(hasClasses: true)) { $0.classWeights = .list([1, 2, 3]) }
        == "class_weights: expected 2 weights, one for each output, found 3")
    #expect(
      begin(1, Signs(hasClasses: true))
        == "data: expected labels from 0 to 0, one for each output, found 1 of sample 0")
    let image = ModelSpec("image", input: [2, 2, 1], layers: [Conv2D(filters: 1, kernel: 1)])
    struct Squares: SampleSource {
      var count: Int { 40 }
      var sampleShape: Shape { [2, 2, 1] }
      func copySamples(
        _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
      ) {}
    }
    #expect(
      error { _ = try Trainer(image, settings: Self.settings(), data: Squares(), threads: 1) }
        == "the output of the last layer is 2×2×1, a classifier's is a vector; end with flatten or global_avg_pool2d and dense"
    )
  }

  @Test func listsMadeInCodeAreChecked() {
    func begin(_ change: (inout TrainingSettings) -> Void) -> String {
      error {
        _ = try Trainer(
          Self.spec(2), settings: Self.settings(change), data: Signs(hasClasses: true), threads: 1)
      }
    }
    #expect(
      begin { $0.metrics = MetricList([F1(), Recall(), F1()]) }
        == "metrics: expected each metric once, found f1 twice")
    #expect(
      begin { $0.metrics = MetricList([TopKAccuracy(k: 0)]) }
        == "metrics.k: expected at least 1, found 0")
    #expect(
      begin { $0.monitor = .metric(TopKAccuracy(k: -1)) }
        == "monitor.k: expected at least 1, found -1")
    #expect(
      begin { $0.metrics = MetricList([TopKAccuracy(k: 1), TopKAccuracy(k: 2)]) } == "no error")
  }

  @Test(arguments: [Float(0), 0.4]) func aTargetThatIsNotFiniteIsNamed(mixup: Float) throws {
    let count = 40
    var targets = (0..<count).map { value(Int32($0), 0) }
    targets[13] = .nan
    let data = ArraySamples(
      (0..<2 * count).map { value(Int32($0), 1) }, shape: [2], targets: targets)
    let settings = Self.settings {
      $0.validationFraction = 0
      $0.shuffles = false
      $0.mixup = mixup
    }
    let trainer = try Trainer(Self.spec(1), settings: settings, data: data, threads: 2)
    let error = #expect(throws: DivergenceError.self) { try trainer.run() }
    #expect(error?.fault?.isOfData == true)
    let text = error?.description ?? ""
    #expect(
      mixup > 0
        ? text.hasSuffix("): the target of sample 13 is not finite")
        : text == "step 1 (epoch 1, batch 1): the target of sample 13 is not finite")
    // No rate is to blame.
    #expect(throws: DivergenceError.self) {
      try RateRangeTest(
        Self.spec(1), settings: settings, data: data, rates: 1e-6...1, steps: 20, threads: 1)
    }
  }

  @Test func aSoftmaxBeforeASquaredErrorPredictsClassesToo() {
    let spec = ModelSpec("soft", input: [2], layers: [Dense(units: 2), Softmax()])
    let settings = Self.settings {
      $0.metrics = MetricList([F1()])
      $0.epochs = 1
    }
    #expect(
      error { try Trainer(spec, settings: settings, data: Signs(), threads: 1).run() } == "no error"
    )
  }

  @Test func lossesThatIncludeASigmoidRefuseOne() {
    func check(_ head: any LayerSpec) -> String {
      error {
        try BinaryCrossEntropy().check(
          try Network(ModelSpec("head", input: [2], layers: [Dense(units: 2), head]), seed: 1))
      }
    }
    #expect(
      check(Sigmoid())
        == "loss binary_cross_entropy takes logits and includes the sigmoid, but the last layer is already a sigmoid, which would be applied twice; remove the last layer, or use loss mse"
    )
    #expect(
      check(Softmax())
        == "loss binary_cross_entropy takes logits and includes the sigmoid, but the last layer is already a softmax; remove the last layer, or use loss mse"
    )
    #expect(check(ReLU()) == "no error")
  }

  /// The loss and the gradient of the first batch of all samples.
  private func firstStep(_ weights: ClassWeights) throws -> (loss: Double, norm: Double) {
    let settings = Self.settings {
      $0.loss = CrossEntropy()
      $0.classWeights = weights
      $0.validationFraction = 0
      $0.batchSize = 240
    }
    let trainer = try Trainer(
      Self.spec(2), settings: settings, data: Signs(hasClasses: true), threads: 2)
    var found = (loss: 0.0, norm: 0.0)
    try trainer.run { event in
      guard case .step(let report) = event else { return .proceed }
      found = (report.loss.sum, report.gradientNorm)
      return .stop
    }
    return found
  }

  @Test func weightsMultiplyTheLossesOfTheirClasses() throws {
    let plain = try firstStep(.none)
    let ones = try firstStep(.list([1, 1]))
    #expect(abs(ones.loss - plain.loss) < 1e-9 * plain.loss && ones.norm == plain.norm)
    let doubled = try firstStep(.list([2, 2]))
    #expect(doubled.loss == 2 * ones.loss && abs(doubled.norm - 2 * ones.norm) < 1e-6)
    let (first, second) = (try firstStep(.list([1, 0])), try firstStep(.list([0, 1])))
    #expect(abs(first.loss + second.loss - plain.loss) < 1e-9 * plain.loss)
    // 216 samples of class 0 and 24 of class 1.
    let balanced = try firstStep(.balanced)
    let expected = first.loss * 240 / (2 * 216) + second.loss * 240 / (2 * 24)
    #expect(abs(balanced.loss - expected) < 1e-6 * expected)
  }

  @Test func patienceGoesByWhatIsMonitored() throws {
    // A rate of 0 never improves anything.
    for monitor in [Monitor.automatic, .loss, .metric(MeanAbsoluteError())] {
      let settings = Self.settings {
        $0.learningRate = 0
        $0.patience = 2
        $0.monitor = monitor
      }
      let trainer = try Trainer(
        Self.spec(2), settings: settings, data: Sums(shape: [2]), threads: 1)
      try trainer.run()
      #expect(trainer.state.epoch == 3 && trainer.state.best?.epoch == 1, "\(monitor.text)")
    }
    // A gain of the loss of less than min_delta does not count.
    let settings = Self.settings {
      $0.learningRate = 1e-6
      $0.patience = 2
      $0.minDelta = 0.01
      $0.monitor = .loss
    }
    let trainer = try Trainer(Self.spec(2), settings: settings, data: Sums(shape: [2]), threads: 1)
    try trainer.run()
    #expect(trainer.state.epoch == 3 && trainer.state.best?.epoch == 3)
  }

  @Test func theBetterEpochIsToldByTheMonitor() {
    func record(_ accuracy: Double?, _ loss: Double?, _ error: Double) -> EpochRecord {
      EpochRecord(
        epoch: 1, loss: 1, accuracy: accuracy, validationLoss: loss, validationAccuracy: accuracy,
        validationMetrics: ["mae": error], learningRate: 1, seconds: 1)
    }
    let (a, b) = (record(0.9, 0.5, 0.3), record(0.8, 0.4, 0.2))
    #expect(Monitor.automatic.isBetter(a, than: b) && !Monitor.automatic.isBetter(b, than: a))
    #expect(Monitor.metric(Accuracy()).isBetter(a, than: b))
    #expect(Monitor.loss.isBetter(b, than: a) && !Monitor.loss.isBetter(a, than: b))
    #expect(Monitor.metric(MeanAbsoluteError()).isBetter(b, than: a))
    #expect(Monitor.automatic.isBetter(record(0.9, 0.4, 0), than: a))
    #expect(!Monitor.automatic.isBetter(record(0.95, nil, 0), than: a))
    #expect(!Monitor.metric(F1()).isBetter(a, than: b))
  }

  /// The mean of the fourth powers, which no file of ours names.
  private struct FourthPower: Loss {
    static let kind = "fourth_power"
    static let prototype = FourthPower()

    func evaluate(
      _ batch: OutputBatch, scale: Float, gradient: UnsafeMutablePointer<Float>?
    ) -> Double {
      var sum = 0.0
      for i in 0..<batch.samples * batch.width {
        let d = batch.outputs[i] - batch.targets[i]
        sum += Double(d * d * d * d) / Double(batch.width)
        gradient?[i] = scale * 4 * d * d * d / Float(batch.width)
      }
      return sum
    }
  }

  @Test func aLossOfYoursIsNamedOnceItIsRegistered() throws {
    LossRegistry.register(FourthPower.self)
    LossRegistry.register(FourthPower.self)
    #expect(LossRegistry.kinds.count { $0 == FourthPower.kind } == 1)
    let settings = try TrainingOptions([
      "loss": "fourth_power", "epochs": "10", "learning_rate": "0.05", "batch_size": "16",
    ]).resolve(defaultSeed: 3)
    #expect(settings.loss.isEqual(to: FourthPower()))
    let trainer = try Trainer(Self.spec(2), settings: settings, data: Sums(shape: [2]), threads: 2)
    try trainer.run()
    let losses = trainer.state.history.map(\.loss)
    #expect((losses.last ?? 1) < 0.01 * losses[0])
  }
}
