/// Label smoothing: a share of each target is taken away and spread, over all classes where one of
/// them is right, or, where each output is a matter of its own, evenly over its being right and wrong
/// (Szegedy et al. 2015, "Rethinking the Inception architecture for computer vision").
package struct TargetSmoothing: Sendable {
  /// The share, above 0, at most 1.
  private let share: Float
  private let isOfClasses: Bool

  /// Takes this share away; `nil` where it is 0.
  package init?(_ share: Float, isOfClasses: Bool = true) {
    guard share > 0 else { return nil }
    (self.share, self.isOfClasses) = (share, isOfClasses)
  }

  /// The smoothing that suits a loss.
  package init?(_ share: Float, for loss: any Loss) {
    self.init(share, isOfClasses: loss.predicts != .independentProbabilities)
  }

  /// target ← (1 − share) · target + share / outputs, or / 2, for targets `[samples, outputs]`.
  package func apply(to targets: UnsafeMutablePointer<Float>, samples: Int, outputs: Int) {
    let spread = share / (isOfClasses ? Float(outputs) : 2)
    for i in 0..<samples * outputs { targets[i] = spread + (1 - share) * targets[i] }
  }

  /// Passes on a batch with a smoothed copy of its targets.
  func smoothed(_ batch: OutputBatch, _ body: (OutputBatch) -> Double) -> Double {
    let count = batch.samples * batch.width
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, count)) { memory in
      guard let targets = memory.baseAddress else { return 0 }
      targets.initialize(from: batch.targets, count: count)
      apply(to: targets, samples: batch.samples, outputs: batch.width)
      return body(
        OutputBatch(
          samples: batch.samples, width: batch.width, outputs: batch.outputs, targets: targets))
    }
  }
}
