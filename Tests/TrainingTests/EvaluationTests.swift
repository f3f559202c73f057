import Foundation
import NeuralNetwork
import Testing
import Training

@Suite struct EvaluationTests {
  /// Three samples of two numbers; the network passes them on as logits.
  struct Three: SampleSource {
    let rows: [[Float]] = [[2, 1], [0, 1], [3, 0]]
    let labels: [Int32] = [0, 0, 1]
    var count: Int { 3 }
    var sampleShape: Shape { [2] }

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
    ) {
      for (i, number) in numbers.enumerated() {
        for j in 0..<2 { samples[2 * i + j] = rows[Int(number)][j] }
      }
    }

    func copyLabels(_ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>) {
      for (i, number) in numbers.enumerated() { labels[i] = self.labels[Int(number)] }
    }
  }

  @Test func countsAreRight() throws {
    let network = try Network(ModelSpec("pass", input: [2]) { Flatten() }, seed: 1)
    let evaluation = Evaluation(network, on: Three(), threads: 1)
    #expect(evaluation.correct == 1 && evaluation.samples == 3)
    #expect(evaluation.predictions == [0, 1, 0])
    #expect(evaluation.confusion == [[1, 1], [1, 0]])
    #expect(evaluation.classes.map(\.precision) == [0.5, 0])
    #expect(evaluation.classes.map(\.recall) == [0.5, 0])
    #expect(evaluation.classes.map(\.support) == [2, 1])
    // log(1 + 1/e), log(1 + e), log(1 + e³), by hand.
    let expected = (0.313_261_69 + 1.313_261_69 + 3.048_587_35) / 3
    #expect(abs(evaluation.loss - expected) < 1e-6)
    // Wilson's interval of 1 in 3, from a table.
    #expect(abs(evaluation.interval.lowerBound - 0.061_49) < 1e-4)
    #expect(abs(evaluation.interval.upperBound - 0.792_34) < 1e-4)
  }

  @Test func aHeadThatGivesProbabilitiesIsTakenAtItsWord() throws {
    func network(_ head: (any LayerSpec)?) throws -> Network {
      try Network(
        ModelSpec("pass", input: [2], layers: [Flatten()] + (head.map { [$0] } ?? [])), seed: 1)
    }
    let plain = Evaluation(try network(nil), on: Three(), threads: 1)
    // A softmax is not applied twice: the loss is that of the logits before it.
    let soft = Evaluation(try network(Softmax()), on: Three(), threads: 1)
    #expect(abs(soft.loss - plain.loss) < 1e-6)
    let binary = Evaluation(try network(nil), on: Three(), loss: BinaryCrossEntropy(), threads: 1)
    let sigmoid = Evaluation(
      try network(Sigmoid()), on: Three(), loss: BinaryCrossEntropy(), threads: 1)
    #expect(abs(sigmoid.loss - binary.loss) < 1e-6)
    // The means of log(1 + e⁻²) and log(1 + e) and so on, by hand.
    func softplus(_ x: Double) -> Double { log1p(exp(x)) }
    let sum: Double =
      softplus(-2) + softplus(1) + softplus(0) + softplus(1) + softplus(3) + softplus(0)
    #expect(abs(binary.loss - sum / 6) < 1e-6)
  }

  @Test func whatOutputsStandForIsShown() throws {
    func prediction(_ head: (any LayerSpec)?, _ loss: any Loss) throws -> Classifier.Prediction {
      let layers: [any LayerSpec] = [Flatten()] + (head.map { [$0] } ?? [])
      let network = try Network(ModelSpec("pass", input: [2], layers: layers), seed: 1)
      return try Classifier(network, loss: loss, threads: 1).predict([2, 1])
    }
    let e = Float(exp(-1.0))
    for (head, loss) in [
      (nil, CrossEntropy()), (Softmax(), CrossEntropy()), (Softmax(), MeanSquaredError()),
    ] as [((any LayerSpec)?, any Loss)] {
      let found = try prediction(head, loss)
      #expect(found.class == 0 && found.kind == .probabilities)
      #expect(abs(found.values[0] - 1 / (1 + e)) < 1e-6)
    }
    let sigmoid = Float(1 / (1 + exp(-2.0)))
    for (head, loss) in [
      (nil, BinaryCrossEntropy()), (Sigmoid(), BinaryCrossEntropy()),
      (Sigmoid(), MeanSquaredError()), (Sigmoid(), CrossEntropy()),
    ] as [((any LayerSpec)?, any Loss)] {
      let found = try prediction(head, loss)
      #expect(found.kind == .independentProbabilities && found.probabilities == found.values)
      #expect(abs(found.values[0] - sigmoid) < 1e-6)
    }
    let values = try prediction(nil, MeanSquaredError())
    #expect(values.values == [2, 1] && values.kind == .values && values.probabilities == nil)
  }

  @Test func metricsSeePredictionsAndTargets() throws {
    let network = try Network(ModelSpec("pass", input: [2]) { Flatten() }, seed: 1)
    let metrics: [any Metric] = [
      Accuracy(), TopKAccuracy(k: 2), Precision(), Recall(), F1(), MeanAbsoluteError(),
    ]
    let evaluation = Evaluation(network, on: Three(), metrics: metrics, threads: 2)
    #expect(
      evaluation.metrics.map(\.name) == [
        "accuracy", "top_k_accuracy:k=2", "precision", "recall", "f1", "mae",
      ])
    let values = evaluation.metrics.map(\.value)
    // Of the probabilities that the logits stand for, by hand.
    func p(_ difference: Double) -> Double { 1 / (1 + exp(-difference)) }
    let error: Double = (1 - p(1) + 1 - p(-1) + p(3)) / 3
    let wanted: [Double] = [1 / 3.0, 1, 0.25, 0.25, 0.25, error]
    for (found, expected) in zip(values, wanted) {
      #expect(abs(found - expected) < 1e-6)
    }
  }

  /// Keras smooths in its loss, so its metrics see the targets as they are.
  @Test func metricsSeeTargetsThatAreNotSmoothed() throws {
    let network = try Network(ModelSpec("pass", input: [2]) { Flatten() }, seed: 1)
    func evaluation(_ smoothing: Float) -> Evaluation {
      Evaluation(
        network, on: Three(), loss: MeanSquaredError(), labelSmoothing: smoothing,
        metrics: [MeanAbsoluteError(), MeanSquaredError()], threads: 1)
    }
    // Outputs (2, 1), (0, 1), (3, 0) for the targets (1, 0), (1, 0), (0, 1), by hand.
    let plain: [Double] = [(1 + 1 + 2) / 3.0, (1 + 1 + 5) / 3.0]
    let smooth = evaluation(0.5)
    for (found, expected) in zip(smooth.metrics.map(\.value), plain) {
      #expect(abs(found - expected) < 1e-6)
    }
    #expect(abs(evaluation(0).loss - plain[1]) < 1e-6)
    // The loss sees (0.75, 0.25) and (0.25, 0.75).
    let squares: Double = 1.25 * 1.25 + 0.75 * 0.75 + 0.75 * 0.75 + 0.75 * 0.75 + 2.75 * 2.75
    #expect(abs(smooth.loss - (squares + 0.75 * 0.75) / 6) < 1e-6)
    #expect(smooth.correct == 1)
  }

  /// `Three` with a distribution over the classes for a target each.
  struct Shared: SampleSource {
    let base = Three()
    var count: Int { 3 }
    var sampleShape: Shape { [2] }
    var targets: TargetKind { .values([2]) }

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
    ) {
      base.copySamples(numbers, to: samples)
    }

    func copyTargets(
      _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>
    ) {
      for (i, number) in numbers.enumerated() {
        let share: Float = [0.9, 0.6, 0.4][Int(number)]
        (targets[2 * i], targets[2 * i + 1]) = (share, 1 - share)
      }
    }
  }

  @Test func aDistributionForATargetCountsByItsLargest() throws {
    let network = try Network(ModelSpec("pass", input: [2]) { Flatten() }, seed: 1)
    let metrics: [any Metric] = [Accuracy(), Recall()]
    func values(_ loss: any Loss) -> [Double] {
      Evaluation(network, on: Shared(), loss: loss, metrics: metrics, threads: 1).metrics
        .map(\.value)
    }
    // Classes 0, 0 and 1, of which the first is found.
    #expect(values(CrossEntropy()) == [1.0 / 3, 0.25])
    // Each output by itself: of the labels (1, 0), (1, 0), (0, 1) one of the first sample's is right.
    #expect(values(BinaryCrossEntropy()) == [0.5 / 3, 0.25])
    // There are no classes to count.
    let evaluation = Evaluation(network, on: Shared(), threads: 1)
    #expect(evaluation.correct == 0 && !evaluation.hasClasses)
  }

  @Test func anOutputThatIsNoNumberIsNeverAmongTheLargest() {
    func share(_ outputs: [Float], k: Int) -> Double {
      var sum = 0.0
      [Float](arrayLiteral: 0, 1, 0).withUnsafeBufferPointer { targets in
        outputs.withUnsafeBufferPointer { outputs in
          guard let outputs = outputs.baseAddress, let targets = targets.baseAddress else { return }
          TopKAccuracy(k: k).add(
            OutputBatch(samples: 1, width: 3, outputs: outputs, targets: targets),
            hasClasses: true, to: &sum)
        }
      }
      return sum
    }
    #expect(share([1, 2, 3], k: 2) == 1 && share([1, 2, 3], k: 1) == 0)
    #expect(share([1, .infinity, 3], k: 1) == 1)
    for k in 1...3 {
      #expect(share([1, .nan, 3], k: k) == 0)
      #expect(share([.nan, 2, 1], k: k) == 0)
    }
  }

  @Test func aThousandClassesAreTold() throws {
    struct Many: SampleSource {
      var count: Int { 3 }
      var sampleShape: Shape { [1] }
      func copySamples(
        _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
      ) { samples.update(repeating: 1, count: numbers.count) }
      func copyLabels(
        _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>
      ) { for (i, number) in numbers.enumerated() { labels[i] = 997 + number } }
    }
    var network = try Network(
      ModelSpec("many", input: [1]) { Dense(units: 1000, bias: false) }, seed: 1)
    network.setValues((0..<1000).map { $0 == 998 ? 1 : 0 }, of: network.layout.entries[0])
    let evaluation = Evaluation(network, on: Many(), threads: 2)
    #expect(evaluation.predictions == [998, 998, 998] && evaluation.correct == 1)
    #expect(evaluation.confusion[997][998] == 1)
    var settings = TrainingSettings()
    settings.epochs = 1
    try Trainer(network.spec, settings: settings, data: Many(), threads: 1).run()
  }
}
