import ImageData
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing
import Training

/// The trainer on real digits.
@Suite struct TrainerTests {
  static func digits(_ split: DataSplit = .train) throws -> ImageSet {
    try DataFolder(Repository.path("Datasets/mnist")).load(split)
  }

  static func settings(_ change: (inout TrainingSettings) -> Void = { _ in }) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.update = UpdateRule(SGD(momentum: 0.9))
    settings.learningRate = 0.02
    settings.batchSize = 32
    settings.epochs = 2
    settings.seed = 17
    settings.limit = 640
    change(&settings)
    return settings
  }

  static func spec(_ name: String) throws -> ModelSpec {
    try ModelFile(contentsOf: Repository.path("Models/\(name).yaml")).spec
  }

  @Test func oneEpochOnAllDigitsReaches97Percent() throws {
    let settings = Self.settings {
      $0.limit = nil
      $0.epochs = 1
      $0.batchSize = 64
    }
    let trainer = try Trainer(try Self.spec("lenet5"), settings: settings, data: Self.digits())
    try trainer.run()
    let evaluation = Evaluation(trainer.state.network, on: try Self.digits(.test))
    #expect(evaluation.accuracy >= 0.97)
    #expect(evaluation.samples == 10_000)
    #expect(evaluation.interval.contains(evaluation.accuracy))
    #expect(evaluation.confusion.joined().reduce(0, +) == 10_000)
    #expect((0..<10).reduce(0) { $0 + evaluation.confusion[$1][$1] } == evaluation.correct)
  }

  @Test func aModelThatNothingTrainsIsRefused() throws {
    let digits = try Self.digits().prefix(64)
    func complaint(_ spec: ModelSpec) -> String {
      TestSupport.complaint { _ = try Trainer(spec, settings: Self.settings(), data: digits) }
    }
    #expect(
      complaint(try Self.spec("lenet5").freezing(["*"]))
        == "nothing would be trained, as every layer with parameters is frozen; unfreeze at least the last one, dense_2"
    )
    // A frozen batch normalization has statistics, and they stay.
    #expect(
      complaint(try Self.spec("resnet-mini").freezing(["*"], unfreezing: ["relu"]))
        == "nothing would be trained, as every layer with parameters is frozen; unfreeze at least the last one, dense"
    )
    #expect(
      complaint(try Self.spec("lenet5").freezing(["*"], unfreezing: ["conv2d"])) == "no error")
  }

  @Test(arguments: ["lenet5", "mnist-cnn", "mlp", "resnet-mini"])
  func anyNumberOfThreadsGivesTheSameBits(model: String) throws {
    let digits = try Self.digits()
    // 50 steps in two epochs; the last batch of an epoch is smaller, and its shards are of two
    // lengths.
    let small = model == "lenet5" || model == "mlp"
    let settings = Self.settings {
      $0.limit = small ? 797 : 322
      $0.batchSize = small ? 32 : 13
      $0.learningRate = 0.002
    }
    let states = try [1, 2, 3, 4, 8].map { threads in
      let trainer = try Trainer(
        try Self.spec(model), settings: settings, data: digits, threads: threads)
      try trainer.run()
      return trainer.state
    }
    #expect(states[0].optimizer.step == 50)
    for state in states.dropFirst() {
      #expect(state.network.variables == states[0].network.variables)
      #expect(state.optimizer == states[0].optimizer)
      #expect(state.history.map(\.loss) == states[0].history.map(\.loss))
    }
  }

  @Test func aRunStoppedAnywhereGoesOnAsIfItHadNot() throws {
    let digits = try Self.digits()
    let settings = Self.settings {
      $0.validationFraction = 0.2
      $0.schedule = Schedule(.cosine(final: 0), warmup: 0.5)
    }
    let spec = try Self.spec("lenet5")
    let whole = try Trainer(spec, settings: settings, data: digits, threads: 2)
    try whole.run()
    for stop in [1, 7, 16, 17, 30] {
      let first = try Trainer(spec, settings: settings, data: digits, threads: 1)
      try first.run { _ in first.state.optimizer.step == stop ? .stop : .proceed }
      #expect(first.state.optimizer.step == stop)
      let second = try Trainer(first.state, settings: settings, data: digits, threads: 3)
      try second.run()
      #expect(second.state.network.variables == whole.state.network.variables)
      #expect(second.state.optimizer == whole.state.optimizer)
      #expect(second.state.history.map(\.loss) == whole.state.history.map(\.loss))
      #expect(second.state.best?.validationLoss == whole.state.best?.validationLoss)
    }
  }

  @Test func validationSamplesAreNeverTrainedOn() throws {
    let settings = Self.settings { $0.validationFraction = 0.25 }
    let split = try SampleSplit(count: 60_000, settings: settings)
    #expect(split.training.count == 480 && split.validation.count == 160)
    #expect(Set(split.training).isDisjoint(with: split.validation))
    #expect(Set(split.training).union(split.validation) == Set(0..<640))
  }

  @Test func smallGainsDoNotCountForPatience() throws {
    // No gain of a share of samples is above a half, once the first epoch has set the mark.
    let trainer = try Trainer(
      try Self.spec("mlp"),
      settings: Self.settings {
        $0.epochs = 20
        $0.validationFraction = 0.25
        $0.patience = 2
        $0.minDelta = 0.5
      }, data: Self.digits())
    try trainer.run()
    #expect(trainer.state.stoppedEarly && trainer.state.epoch == 3)
    let accuracies = trainer.state.history.compactMap(\.validationAccuracy)
    #expect(accuracies[2] > accuracies[0])
    #expect(trainer.state.best?.epoch != 1)
  }

  @Test func patienceEndsTheRun() throws {
    // A rate of 0 never improves anything.
    let settings = Self.settings {
      $0.learningRate = 0
      $0.epochs = 20
      $0.validationFraction = 0.2
      $0.patience = 3
    }
    let trainer = try Trainer(try Self.spec("mlp"), settings: settings, data: try Self.digits())
    var stopped: [Int] = []
    try trainer.run { event in
      if case .stoppedEarly(let best) = event { stopped.append(best.epoch) }
      return .proceed
    }
    #expect(trainer.state.epoch == 4)
    #expect(stopped == [1])
    #expect(trainer.state.isFinished(settings))
  }

  @Test func aDivergingRunStopsWithTheWeightsOfBefore() throws {
    let settings = Self.settings { $0.learningRate = 1e30 }
    let trainer = try Trainer(try Self.spec("lenet5"), settings: settings, data: try Self.digits())
    let error = #expect(throws: DivergenceError.self) { try trainer.run() }
    #expect(error?.epoch == 1 && error?.batch == 2)
    #expect(error?.fault?.layer != nil)
    let weights = trainer.state.network.variables.values
    #expect(weights.allSatisfy { $0.isFinite })
  }

  @Test func labelSmoothingAndMeanSquaredErrorTrainToo() throws {
    let losses: [(any Loss, smoothing: Float)] = [(CrossEntropy(), 0.1), (MeanSquaredError(), 0)]
    for (loss, smoothing) in losses {
      let settings = Self.settings {
        $0.loss = loss
        $0.labelSmoothing = smoothing
        $0.epochs = 4
      }
      let trainer = try Trainer(try Self.spec("mlp"), settings: settings, data: try Self.digits())
      try trainer.run()
      let history = trainer.state.history
      #expect(history[3].loss < history[0].loss)
      #expect((history[3].accuracy ?? 0) > 0.6)
    }
  }

  @Test func anotherShapeIsRefused() throws {
    let spec = ModelSpec("small", input: [8, 8, 1]) {
      Flatten(); Dense(units: 10)
    }
    #expect(
      throws: SettingError(
        "data", expected: "samples of 8×8×1, as the model takes them",
        found: "samples of 28×28×1")
    ) { try Trainer(spec, settings: Self.settings(), data: try Self.digits()) }
  }

  @Test func crossEntropyAfterASoftmaxIsRefused() throws {
    // What follows it changes nothing.
    let ends: [[any LayerSpec]] = [[], [Dropout(rate: 0.5)], [Reshape([10]), Flatten()]]
    for end in ends {
      let layers: [any LayerSpec] = [Flatten(), Dense(units: 10), Softmax()]
      let spec = ModelSpec("twice", input: [28, 28, 1], layers: layers + end)
      let error = #expect(throws: ModelError.self) {
        try Trainer(spec, settings: Self.settings(), data: try Self.digits())
      }
      #expect(
        error?.description
          == "loss cross_entropy takes logits and includes the softmax, but the last layer is already a softmax, which would be applied twice; remove the last layer, or use loss mse"
      )
    }
  }
}
