import Foundation
import MiniCNN
import TestSupport
import Testing

/// The loss and the metric of docs/targets.md, which stand there as they stand here.
@Suite struct OwnLossTests {
  @Test func theDocumentHasThem() throws {
    let text = try String(contentsOfFile: Repository.path("docs/targets.md"), encoding: .utf8)
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let types = text.components(separatedBy: "```swift\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
    #expect(types.count == 2)
    for type in types {
      #expect(source.contains(type), "\(type)")
      #expect(type.split(separator: "\n").count <= 20)
    }
  }

  // In a process of its own, as what is registered stays.
  @Test func theyAreNamedLearntAndMeasured() async {
    await #expect(processExitsWith: .success) { try Self.learn() }
  }

  /// Of y = x + noise from 0 to 1, the line that nine tenths of the targets are below.
  private static func learn() throws {
    LossRegistry.register(Quantile.self)
    MetricRegistry.register(WorstError.self)
    var random = CounterRandom(seed: 4, .test)
    let x = (0..<400).map { _ in random.uniform(-1, 1) }
    let y = x.map { $0 + random.uniform() }
    let settings = try TrainingOptions([
      "loss": "quantile:level=0.9", "metrics": "worst_error", "epochs": "60",
      "learning_rate": "0.05", "batch_size": "20", "schedule": "cosine",
      "validation_fraction": "0.25",
    ]).resolve(defaultSeed: 5)
    #expect(settings.loss.text == "quantile:level=0.9")
    let data = ArraySamples(x, shape: [1], targets: y)
    let trainer = try Trainer(
      ModelSpec("line", input: [1]) { Dense(units: 1) }, settings: settings, data: data, threads: 2)
    try trainer.run()
    let outputs = try Classifier(trainer.state.network, loss: settings.loss)
      .predict(data, Array(0..<400)).map { $0.values[0] }
    let below = zip(outputs, y).count { $0 > $1 }
    #expect((345...375).contains(below), "\(below)")
    let worst = trainer.state.history.compactMap { $0.validationMetrics?["worst_error"] }
    #expect(worst.count == 60 && worst[59] < 0.55 && worst[59] > 0.3, "\(worst)")
    // That of several outputs is not their mean.
    let evaluation = Evaluation(
      try Network(ModelSpec("pass", input: [2]) { Flatten() }, seed: 1),
      on: ArraySamples([1, 2, 3, 5], shape: [2], targets: [1, 0, 0, 4], targetShape: [2]),
      loss: Quantile(), metrics: [WorstError()], threads: 1)
    #expect(evaluation.metrics == [MetricValue(name: "worst_error", value: 2.5)])
    #expect(evaluation.loss == (0.5 + 1) / 2)
  }
}

/// The pinball loss (Koenker and Bassett 1978), least where `level` of the targets are below the output.
struct Quantile: Loss {
  static let kind = "quantile"
  static let prototype = Quantile()
  static let settings = [Setting<Quantile>("level", \.level, .from(0, to: 1), "the share below")]
  var level: Float = 0.5

  func evaluate(
    _ batch: OutputBatch, scale: Float, gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    var sum = 0.0
    for i in 0..<batch.samples * batch.width {
      let slope = batch.targets[i] > batch.outputs[i] ? level : level - 1
      sum += Double(slope * (batch.targets[i] - batch.outputs[i])) / Double(batch.width)
      gradient?[i] = -slope * scale / Float(batch.width)
    }
    return sum
  }
}

/// The largest error of each sample's outputs, on average.
struct WorstError: Metric {
  static let kind = "worst_error"
  static let prototype = WorstError()
  static let improvesDownwards = true
  static let judgesLabels = false

  func add(_ batch: OutputBatch, hasClasses: Bool, to sums: UnsafeMutablePointer<Double>) {
    for n in 0..<batch.samples {
      let errors = zip(batch.outputs(of: n), batch.targets(of: n)).map { abs($0 - $1) }
      sums[0] += Double(errors.max() ?? 0)
    }
  }
}
