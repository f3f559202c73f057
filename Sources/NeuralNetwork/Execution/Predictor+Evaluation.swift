extension Predictor {
  /// What ``evaluate(_:_:loss:metrics:)`` finds.
  public struct Scores: Sendable {
    /// The loss, and how many samples are classified correctly.
    public var value = LossValue()
    /// The value of each metric.
    public var metrics: [MetricValue] = []
    /// The number of each sample's largest output.
    public var predictions: [Int32] = []
    /// Of each sample, where they were asked for.
    public var confidences: [Confidence] = []
  }

  /// What a network thinks of a sample with a class, in probabilities where its outputs stand for such.
  public struct Confidence: Hashable, Sendable {
    /// The share of the largest output.
    public var predicted: Float = 0
    /// The share of the sample's own class.
    public var own: Float = 0

    /// Both shares.
    public init(predicted: Float = 0, own: Float = 0) {
      (self.predicted, self.own) = (predicted, own)
    }
  }

  /// The loss, which is not finite where a sample or its target is not, and some metrics over the
  /// samples with these numbers, at least one for a metric.
  public func evaluate(
    _ source: some SampleSource, _ numbers: [Int32], loss: any Loss, metrics: [any Metric] = []
  ) -> Scores {
    evaluate(source, numbers, loss: loss, smoothing: nil, metrics: metrics)
  }

  /// The same with a loss that sees smoothed targets; metrics never do.
  ///
  /// - Parameter withConfidences: whether ``Scores/confidences`` are wanted, of samples with classes.
  package func evaluate(
    _ source: some SampleSource, _ numbers: [Int32], loss: any Loss, smoothing: TargetSmoothing?,
    metrics: [any Metric] = [], withConfidences: Bool = false
  ) -> Scores {
    let judge = judge(source, loss, smoothing, metrics)
    let parts = EvaluatedParts(
      self, source, numbers, judge,
      withConfidences: withConfidences && source.targets == .classes)
    var scores = parts.scores(judge, samples: numbers.count)
    (scores.predictions, scores.confidences) = (parts.predictions, parts.confidences)
    return scores
  }

  /// The same with the samples divided among ranks, each of which gets the loss and the metrics of all.
  package func evaluate(
    _ source: some SampleSource, _ numbers: [Int32], loss: any Loss, smoothing: TargetSmoothing?,
    metrics: [any Metric], over ranks: any Ranks
  ) throws(RanksError) -> Scores {
    let judge = judge(source, loss, smoothing, metrics)
    let chunks = (numbers.count + chunk - 1) / chunk
    let shares = (0...ranks.count).map { chunks * $0 / ranks.count }
    let ranges = zip(shares, shares.dropFirst()).map { $0..<$1 }
    let own = ranges[ranks.rank]
    let samples = own.lowerBound * chunk..<min(own.upperBound * chunk, numbers.count)
    var parts = EvaluatedParts(self, source, Array(numbers[samples]), judge)
    try parts.share(ranges, width: judge.sumCount, over: ranks)
    return parts.scores(judge, samples: numbers.count)
  }

  private func judge(
    _ source: some SampleSource, _ loss: any Loss, _ smoothing: TargetSmoothing?,
    _ metrics: [any Metric]
  ) -> Judge {
    source.targets.verify(outputs: outputShape)
    return Judge(
      head: Head(network, loss), smoothing: smoothing, metrics: metrics,
      hasClasses: source.targets == .classes, outputs: outputShape.count)
  }
}

/// What a network makes of some samples, chunk by chunk, so that it is added up in the order of the chunks.
private struct EvaluatedParts {
  /// The loss of each chunk, not finite where a sample or its target is not.
  private var losses: [LossValue]
  /// What each chunk adds to the sums of the metrics.
  private var sums: [Double]
  /// Of each sample.
  private(set) var predictions: [Int32]
  private(set) var confidences: [Predictor.Confidence]

  init(
    _ predictor: Predictor, _ source: some SampleSource, _ numbers: [Int32], _ judge: Judge,
    withConfidences: Bool = false
  ) {
    let chunk = predictor.chunk
    losses = [LossValue](repeating: LossValue(), count: (numbers.count + chunk - 1) / chunk)
    sums = [Double](repeating: 0, count: losses.count * judge.sumCount)
    predictions = [Int32](repeating: 0, count: numbers.count)
    confidences = [Predictor.Confidence](
      repeating: Predictor.Confidence(), count: withConfidences ? numbers.count : 0)
    let faulty = losses.withUnsafeMutableBufferPointer { losses in
      sums.withUnsafeMutableBufferPointer { sums in
        predictions.withUnsafeMutableBufferPointer { predictions in
          confidences.withUnsafeMutableBufferPointer { confidences in
            predictor.run(source, numbers, withTargets: true) { workspace, _, range in
              let batch = workspace.outputBatch, number = range.lowerBound / chunk
              losses[number] = judge.loss(of: batch)
              if workspace.faultyTarget != nil { losses[number].sum = .nan }
              if judge.sumCount > 0, let start = sums.baseAddress {
                judge.add(batch, to: start + number * judge.sumCount)
              }
              for n in 0..<range.count {
                predictions[range.lowerBound + n] = Int32(batch.largestOutput(of: n))
              }
              if withConfidences {
                judge.confidences(of: batch, into: confidences, from: range.lowerBound)
              }
            }
          }
        }
      }
    }
    if let faulty { losses[faulty / chunk].sum = .nan }
  }

  /// Completes the losses and sums by those of the chunks that other ranks have seen.
  ///
  /// - Parameters:
  ///   - ranges: the chunks of each rank.
  ///   - width: the sums of a chunk.
  mutating func share(
    _ ranges: [Range<Int>], width: Int, over ranks: any Ranks
  ) throws(RanksError) {
    try ranks.complete(&losses, ranges)
    try ranks.complete(&sums, ranges.map { $0.lowerBound * width..<$0.upperBound * width })
  }

  func scores(_ judge: Judge, samples: Int) -> Predictor.Scores {
    var scores = Predictor.Scores()
    scores.value = losses.reduce(into: LossValue()) { $0 += $1 }
    scores.metrics = judge.values(of: sums, samples: samples)
    return scores
  }
}
