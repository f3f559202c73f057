import CKernels
import Platform

extension Predictor {
  /// The means of what the outputs stand for over several sources, which show the same samples in
  /// different ways, `[numbers, outputShape]`. Added up in the order of the sources.
  ///
  /// - Throws: a ``NumericFault`` that names the first sample with a number that is not finite.
  package func meanPredictions(
    _ sources: [any SampleSource], _ numbers: [Int32], head: Head
  ) throws(NumericFault) -> Tensor {
    require(!sources.isEmpty, "a mean of no predictions")
    var sum: Tensor?
    for source in sources {
      var outputs = try outputs(source, numbers)
      let width = outputs.shape.count
      head.makePredictions(outputs.mutablePointer(), samples: numbers.count, width: width)
      guard var earlier = sum else {
        sum = outputs
        continue
      }
      sum = nil
      mc_accumulate(outputs.count, outputs.pointer, earlier.mutablePointer())
      sum = earlier
    }
    var mean = sum ?? Tensor(samples: 0, shape: [1])
    guard sources.count > 1 else { return mean }
    let share = 1 / Float(sources.count), target = mean.mutablePointer()
    for i in 0..<mean.count { target[i] *= share }
    return mean
  }

  /// What ``evaluate(_:_:loss:smoothing:metrics:)`` finds, of those means.
  ///
  /// - Parameter source: where the samples' targets are from.
  package func evaluateMeans(
    _ sources: [any SampleSource], of source: some SampleSource, _ numbers: [Int32], head: Head,
    loss: any Loss, smoothing: TargetSmoothing?, metrics: [any Metric] = [],
    withConfidences: Bool = false
  ) -> Scores {
    var scores = Scores()
    scores.value.samples = numbers.count
    scores.value.sum = .nan
    scores.predictions = [Int32](repeating: 0, count: numbers.count)
    let means: Tensor
    do throws(NumericFault) {
      means = try meanPredictions(sources, numbers, head: head)
    } catch {
      return scores
    }
    let width = means.shape.count
    let judge = Judge(
      head: Head(of: head.predicts, loss), smoothing: smoothing, metrics: metrics,
      hasClasses: source.targets == .classes, outputs: width)
    var targets = Tensor(samples: numbers.count, shape: means.shape)
    numbers.withUnsafeBufferPointer {
      source.copyTargets($0, outputs: width, to: targets.mutablePointer())
    }
    let batch = OutputBatch(
      samples: numbers.count, width: width, outputs: means.pointer, targets: targets.pointer)
    scores.value = judge.loss(of: batch)
    if targets.firstFaultySample != nil { scores.value.sum = .nan }
    var sums = [Double](repeating: 0, count: judge.sumCount)
    sums.withUnsafeMutableBufferPointer {
      if judge.sumCount > 0, let start = $0.baseAddress { judge.add(batch, to: start) }
    }
    scores.metrics = judge.values(of: sums, samples: numbers.count)
    for n in numbers.indices { scores.predictions[n] = Int32(batch.largestOutput(of: n)) }
    if withConfidences, source.targets == .classes {
      var confidences = [Confidence](repeating: Confidence(), count: numbers.count)
      confidences.withUnsafeMutableBufferPointer { judge.confidences(of: batch, into: $0, from: 0) }
      scores.confidences = confidences
    }
    return scores
  }
}
