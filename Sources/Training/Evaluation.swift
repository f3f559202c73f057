import NeuralNetwork
import Platform

/// How well a network does on samples with targets.
public struct Evaluation: Sendable {
  /// The mean loss.
  public let loss: Double
  /// The number of samples whose largest output is their class's; 0 where they have no classes.
  public let correct: Int
  /// The number of samples.
  public let samples: Int
  /// How often each class (row) was taken for each class (column); empty where samples have none.
  public let confusion: [[Int]]
  /// The number of the largest output, for each sample in order.
  public let predictions: [Int32]
  /// What the network thinks of each sample that has a class, in order.
  public let confidences: [Predictor.Confidence]
  /// The metrics that were asked for.
  public let metrics: [MetricValue]
  /// Whether the samples have classes.
  public let hasClasses: Bool

  /// Runs a network over all samples of a set, each of which has a class below the number of its
  /// outputs, or as many targets.
  ///
  /// Where the last layer has applied the function that the loss includes, a softmax or a sigmoid, it
  /// is not applied again.
  ///
  /// - Parameters:
  ///   - labelSmoothing: that of the run, which its loss includes; metrics are of the targets as they
  ///     are.
  ///   - metrics: what else is computed.
  ///   - views: the views of each image whose predictions are averaged; see ``Views/check(_:)``.
  public init(
    _ network: Network, on source: some SampleSource, loss: any Loss = CrossEntropy(),
    labelSmoothing: Float = 0, metrics: [any Metric] = [], views: Views = Views(),
    threads: Int? = nil
  ) {
    require(
      source.targets != .classes || network.outputShape.rank == 1,
      "outputs of \(network.outputShape) for samples with classes; expected a vector")
    let predictor = Predictor(network, pool: ThreadPool(threads: threads))
    let numbers = (0..<Int32(source.count)).map { $0 }
    let smoothing = TargetSmoothing(labelSmoothing, for: loss)
    let result =
      views.others.isEmpty
      ? predictor.evaluate(
        source, numbers, loss: loss, smoothing: smoothing, metrics: metrics, withConfidences: true)
      : predictor.evaluateMeans(
        ViewedSamples.all(source, views), of: source, numbers, head: Head(network, loss),
        loss: loss, smoothing: smoothing, metrics: metrics, withConfidences: true)
    self.loss = result.value.mean
    correct = result.value.correct
    samples = result.value.samples
    predictions = result.predictions
    confidences = result.confidences
    self.metrics = result.metrics
    hasClasses = source.targets == .classes
    guard hasClasses else {
      confusion = []
      return
    }
    let classes = network.outputShape.count
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    for (label, prediction) in zip(source.labels(numbers), predictions) {
      confusion[Int(label)][Int(prediction)] += 1
    }
    self.confusion = confusion
  }

  /// The share of correct samples; 0 where they have no classes.
  public var accuracy: Double { samples == 0 ? 0 : Double(correct) / Double(samples) }

  /// The range in which the accuracy on unlimited such samples lies with 95 % confidence.
  public var interval: ClosedRange<Double> { AccuracyInterval.of(accuracy, samples: samples) }

  /// How the network does on one class.
  public struct ClassReport: Sendable {
    /// The share of the samples taken for this class that are of it; `nil` where there are none.
    public let precision: Double?
    /// The share of this class's samples that were found; `nil` where there are none.
    public let recall: Double?
    /// The number of this class's samples.
    public let support: Int
  }

  /// A report for each class.
  public var classes: [ClassReport] {
    confusion.indices.map { c in
      let support = confusion[c].reduce(0, +)
      let taken = confusion.reduce(0) { $0 + $1[c] }
      let hits = Double(confusion[c][c])
      return ClassReport(
        precision: taken == 0 ? nil : hits / Double(taken),
        recall: support == 0 ? nil : hits / Double(support), support: support)
    }
  }
}
