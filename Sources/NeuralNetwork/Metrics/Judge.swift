import Platform

/// Judges outputs by a loss and by metrics.
struct Judge: Sendable {
  let head: Head
  /// What the loss sees of the targets, and the metrics do not.
  let smoothing: TargetSmoothing?
  let metrics: [any Metric]
  /// Whether the samples have classes, so that right answers can be counted.
  let hasClasses: Bool
  private let counts: [Int]

  init(
    head: Head, smoothing: TargetSmoothing? = nil, metrics: [any Metric], hasClasses: Bool,
    outputs: Int
  ) {
    (self.head, self.smoothing) = (head, smoothing)
    (self.metrics, self.hasClasses) = (metrics, hasClasses)
    counts = metrics.map { $0.sumCount(outputs: outputs) }
  }

  /// The number of sums that all metrics take together.
  var sumCount: Int { counts.reduce(0, +) }

  /// The loss of some samples, and how many are classified correctly.
  func loss(of batch: OutputBatch) -> LossValue {
    var value = LossValue()
    value.sum = smoothing?.smoothed(batch) { head.loss(of: $0) } ?? head.loss(of: batch)
    value.samples = batch.samples
    if hasClasses { value.correct = batch.correct }
    return value
  }

  /// Passes on what the outputs of some samples stand for, in their place.
  private func withPredictions(_ batch: OutputBatch, _ body: (OutputBatch) -> Void) {
    let count = batch.samples * batch.width
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, count)) { memory in
      guard let predictions = memory.baseAddress else { return }
      predictions.initialize(from: batch.outputs, count: count)
      head.makePredictions(predictions, samples: batch.samples, width: batch.width)
      body(
        OutputBatch(
          samples: batch.samples, width: batch.width, outputs: predictions, targets: batch.targets))
    }
  }

  /// What the network thinks of some samples with classes. Overwrites as many `confidences`, from number
  /// `first` on.
  func confidences(
    of batch: OutputBatch, into confidences: UnsafeMutableBufferPointer<Predictor.Confidence>,
    from first: Int
  ) {
    withPredictions(batch) { judged in
      for n in 0..<batch.samples {
        let shares = judged.outputs(of: n)
        confidences[first + n] = Predictor.Confidence(
          predicted: shares[batch.largestOutput(of: n)], own: shares[batch.largestTarget(of: n)])
      }
    }
  }

  /// Adds what some samples contribute to the metrics' sums.
  func add(_ batch: OutputBatch, to sums: UnsafeMutablePointer<Double>) {
    withPredictions(batch) { judged in
      // Targets that share one whole among the outputs (knowledge that is uncertain, mixtures) are no
      // labels each by itself, though they come as numbers.
      let isOneOfMany = hasClasses || head.predicts == .probabilities
      var own = sums
      for (metric, count) in zip(metrics, counts) {
        metric.add(judged, hasClasses: isOneOfMany, to: own)
        own += count
      }
    }
  }

  /// The metrics' values for the sums of all parts, one part after the other.
  func values(of parts: [Double], samples: Int) -> [MetricValue] {
    guard samples > 0, sumCount > 0 else { return [] }
    var sums = [Double](repeating: 0, count: sumCount)
    for (i, part) in parts.enumerated() { sums[i % sumCount] += part }
    var first = 0
    return zip(metrics, counts).map { metric, count in
      defer { first += count }
      let value = sums.withUnsafeBufferPointer {
        metric.value(UnsafeBufferPointer(rebasing: $0[first..<first + count]), samples: samples)
      }
      return MetricValue(name: metric.name, value: value)
    }
  }
}
