import Checkpoints
import Files
import ImageData
import NeuralNetwork
import TestSupport
import Testing
import Training

/// Every layer, optimizer and schedule gives the same bits on any number of threads, and after a
/// stop anywhere. Bits are compared by the digest of the whole state: weights, optimizer, history.
@Suite struct SameBitsTests {
  /// A run of 40 steps in four epochs; the last batch of each is smaller than the others.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    var layers: [any LayerSpec] = [
      Conv2D(filters: 4, kernel: 3), ReLU(), MaxPool2D(window: 2), Dropout(rate: 0.2), Flatten(),
    ]
    /// In place of the layers, a model with samples of its own, as many as stated.
    var model: ModelSpec?
    var samples = 162
    var change: @Sendable (inout TrainingSettings) -> Void = { _ in }

    var testDescription: String { name }

    var spec: ModelSpec {
      model ?? ModelSpec("small", input: [8, 8, 1], layers: layers + [Dense(units: 4)])
    }

    var data: any SampleSource {
      model.map { ListedSamples.random($0.input, count: samples, classes: 4) } ?? SameBitsTests.data
    }

    var settings: TrainingSettings {
      var settings = TrainingSettings()
      settings.update = UpdateRule(SGD(momentum: 0.9))
      settings.learningRate = 0.02
      settings.batchSize = 13
      settings.epochs = 4
      settings.seed = 5
      settings.validationFraction = 0.2
      // Of any size: eight of a small batch.
      settings.hasFirstShards = true
      change(&settings)
      return settings
    }
  }

  private static func layer(_ layer: any LayerSpec...) -> Case {
    let name = layer.map { type(of: $0).kind }.joined(separator: "-")
    return Case(name: name, layers: [Conv2D(filters: 4, kernel: 3)] + layer + [Flatten()])
  }

  private static func optimizer(_ optimizer: any Optimizer) -> Case {
    Case(name: optimizer.kind) {
      $0.update = UpdateRule(optimizer, l2: 0.001, weightDecay: 0.01, clipNorm: 1)
      $0.learningRate = optimizer.defaultLearningRate
    }
  }

  private static func schedule(_ schedule: Schedule) -> Case {
    Case(name: "\(schedule.course.text) \(schedule.warmup)") { $0.schedule = schedule }
  }

  private static func augmentation(_ text: String) -> Case {
    Case(name: text) { settings in
      do {
        settings.augmentation = try Augmentation(text)
      } catch {
        preconditionFailure("\(error)")
      }
    }
  }

  /// The first golden case of every kind, between a layer and a classifier.
  private static let kinds: [Case] = {
    do {
      return try LayerCases.firstOfEach().map {
        Case(name: $0.kind, model: $0.classifier(classes: 4))
      }
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  static let cases: [Case] =
    kinds + [
      layer(ReLU(), MaxPool2D(window: 2)), layer(MaxPool2D(window: 3, stride: 1)),
      layer(BatchNorm(), ReLU()), layer(Dropout(rate: 0.5)),
      layer(
        Residual(layers: [Conv2D(filters: 4, kernel: 3, padding: .same), BatchNorm(), ReLU()])),
      layer(Residual(layers: [Conv2D(filters: 8, kernel: 3, stride: 2, padding: .same)])),
      layer(Conv2D(filters: 32, kernel: 3, padding: .same), ReLU()),
      layer(SpatialDropout2D(rate: 0.3)), layer(GaussianNoise(stddev: 0.1)),
      layer(PReLU(shared: true)), layer(LayerNorm(axes: .all)),
    ] + [
      optimizer(SGD()), optimizer(SGD(momentum: 0.9, nesterov: true)), optimizer(RMSProp()),
      optimizer(RMSProp(momentum: 0.5)), optimizer(Adagrad()), optimizer(Adam()),
      optimizer(AdamW()),
    ] + [
      schedule(Schedule(.step(every: 1, factor: 0.5))),
      schedule(Schedule(.exponential(factor: 0.9))),
      schedule(Schedule(.cosine(final: 0.1))), schedule(Schedule(.oneCycle(rise: 0.3))),
      schedule(Schedule(.cosine(final: 0), warmup: 1.5)),
      schedule(Schedule(.cosineRestarts(period: 1.3, growth: 1.5, final: 0.01))),
      schedule(Schedule(.plateau(factor: 0.1, patience: 1))),
    ] + [
      Case(name: "smoothed labels") { $0.labelSmoothing = 0.1 },
      Case(name: "squared error") { $0.loss = MeanSquaredError() },
      Case(name: "binary cross-entropy") { $0.loss = BinaryCrossEntropy() },
      Case(name: "absolute error") { $0.loss = MeanAbsoluteError() },
      Case(name: "Huber") { $0.loss = Huber(delta: 0.5) },
      Case(name: "class weights") { $0.classWeights = .list([0.5, 1, 2, 3]) },
      Case(name: "balanced classes") { $0.classWeights = .balanced },
      Case(name: "metrics") {
        $0.metrics = MetricList([
          TopKAccuracy(k: 2), Precision(), Recall(), F1(), MeanAbsoluteError(),
        ])
        $0.monitor = .metric(MeanSquaredError())
        $0.schedule = Schedule(.plateau(factor: 0.5, patience: 1))
      },
      Case(name: "patience") {
        $0.patience = 1
        $0.learningRate = 1e-6
      },
      Case(name: "shares of classes") { $0.stratifies = true },
      Case(name: "a fold") { ($0.validationFraction, $0.fold) = (0, Fold(2, of: 4)) },
      Case(name: "in order") { $0.shuffles = false },
      augmentation("shift=2"), augmentation("rotation=20,scale=0.2,shear=10"),
      augmentation("elastic=1,elastic_spacing=3"), augmentation("erase=0.5,flip=both"),
      Case(name: "mixup") { $0.mixup = 0.4 },
      Case(name: "averaged weights") { $0.weightAverage = 0.95 },
      Case(
        name: "averaged statistics",
        layers: [Conv2D(filters: 4, kernel: 3), BatchNorm(), ReLU(), Flatten()]
      ) { $0.weightAverage = 0.95 },
      Case(
        name: "averaged after adapting",
        layers: [
          Rescaling(scale: 2), Normalization(), Conv2D(filters: 4, kernel: 3), Normalization(),
          ReLU(), Flatten(),
        ]
      ) {
        $0.weightAverage = 0.95
        $0.augmentation.flip = .horizontal
      },
      Case(name: "L1") { $0.update.l1 = 0.001 },
    ]
    + [
      // Worked on in waves, of which the last is smaller.
      Case(
        name: "waves",
        model: ModelSpec(
          "waves", input: [8, 8, 1],
          layers: [
            Conv2D(filters: 4, kernel: 3), ReLU(), Flatten(), Dense(units: 160), ReLU(),
            Dense(units: 4),
          ]), samples: 1500
      ) {
        $0.hasFirstShards = false
        $0.batchSize = 1100
      }
    ]
    + [1, 8, 64, 256].map { shards in
      // Batches that do fall into as many, of which the last one falls into fewer.
      Case(
        name: "\(shards) shards",
        model: ModelSpec("shards", input: [4, 4, 1]) {
          Conv2D(filters: 2, kernel: 3)
          ReLU()
          Flatten()
          Dense(units: 4)
        }, samples: max(162, 8 * shards * 4)
      ) {
        ($0.shards, $0.hasFirstShards) = (shards, false)
        $0.batchSize = max(65, 8 * shards)
      }
    } + [
      // One shard of the last batch is longer than those of the others.
      Case(
        name: "meeting shards",
        layers: [Conv2D(filters: 4, kernel: 3), BatchNorm(), ReLU(), Flatten()]
      ) {
        $0.hasFirstShards = false
        $0.batchSize = 23
      },
      Case(
        name: "skipped zeros",
        layers: [
          Conv2D(filters: 12, kernel: 3), ReLU(), Flatten(), Dense(units: 160), ReLU(),
          Dropout(rate: 0.5),
        ]
      ),
    ]

  /// Images whose class is told by the quarter that is bright.
  static let data: ImageSet = {
    var random = SplitMix64(state: 9)
    let labels = (0..<162).map { _ in UInt8.random(in: 0..<4, using: &random) }
    let pixels = labels.flatMap { label in
      (0..<64).map { place in
        let isBright = place / 32 * 2 + place % 8 / 4 == Int(label)
        return UInt8.random(in: 0..<120, using: &random) + (isBright ? 130 : 0)
      }
    }
    do {
      return try ImageSet(pixels: pixels, labels: labels, height: 8, width: 8)
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  private func trainer(
    _ test: Case, threads: Int, ranks: any Ranks = Alone.only
  ) throws -> Trainer {
    let trainer = try Trainer(
      test.spec, settings: test.settings, data: test.data, threads: threads, ranks: ranks)
    trainer.dividesUpdates = ranks.count > 1
    return trainer
  }

  /// Two of four things to try, other ones for each case: all of them with all cases would take a minute.
  private static func half<Trial>(of trials: [Trial], for test: Case) -> [Trial] {
    let place = cases.firstIndex { $0.name == test.name } ?? 0
    return trials.indices.filter { ($0 + place) % 2 == 0 }.map { trials[$0] }
  }

  @Test(arguments: cases) func onAnyNumberOfRanks(test: Case) throws {
    let alone = try trainer(test, threads: 1)
    try alone.run()
    let digest = try Checkpoint(alone).stateSHA256()
    for count in Self.half(of: [2, 3, 5, 8], for: test) {
      let digests = try ThreadRanks.run(count) { ranks in
        let trainer = try trainer(test, threads: 1 + ranks.rank % 2, ranks: ranks)
        try trainer.run()
        return try Checkpoint(trainer).stateSHA256()
      }
      #expect(digests == Array(repeating: digest, count: count), "\(count) ranks")
    }
  }

  @Test(arguments: cases) func onAnyNumberOfThreads(test: Case) throws {
    let results = try [1, 2, 3, 4, 8].map { threads in
      let trainer = try trainer(test, threads: threads)
      try trainer.run()
      let evaluation = Evaluation(trainer.state.network, on: test.data, threads: threads)
      return (
        state: try Checkpoint(trainer).stateSHA256(), steps: trainer.state.optimizer.step,
        loss: evaluation.loss, predictions: evaluation.predictions
      )
    }
    let training = test.samples - test.samples / 5
    let batches = (training + test.settings.batchSize - 1) / test.settings.batchSize
    #expect(results[0].steps == (test.name == "patience" ? results[0].steps : 4 * batches))
    for result in results.dropFirst() {
      #expect(result.state == results[0].state)
      #expect(result.loss == results[0].loss)
      #expect(result.predictions == results[0].predictions)
    }
  }

  @Test(arguments: cases) func afterAStopAnywhere(test: Case) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.weights.h5"
    let whole = try trainer(test, threads: 2)
    try whole.run()
    let end = try Checkpoint(whole).stateSHA256()
    // Inside an epoch, at its last step, after its end.
    let stops = [(3, false), (10, false), (10, true), (17, false)]
    for (stop, behindEpoch) in Self.half(of: stops, for: test) {
      let first = try trainer(test, threads: 1)
      try first.run { event in
        if first.state.optimizer.step < stop { return .proceed }
        if case .epoch = event { return .stop }
        return behindEpoch ? .proceed : .stop
      }
      try Checkpoint(first).save(to: path)
      let saved = try Checkpoint(contentsOf: path)
      let second = try Trainer(saved.state, settings: saved.settings, data: test.data, threads: 3)
      try second.run()
      #expect(try Checkpoint(second, model: saved.model).stateSHA256() == end)
    }
  }
}
