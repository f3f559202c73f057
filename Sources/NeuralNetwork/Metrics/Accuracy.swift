/// The share of right answers: of samples whose largest output is their class's, or, where each output
/// is a matter of its own, of outputs on the right side of 1/2.
public struct Accuracy: Metric {
  /// `accuracy`.
  public static let kind = "accuracy"
  /// It has no settings.
  public static let prototype = Accuracy()

  /// Creates the metric.
  public init() {}

  /// Adds the samples that are right, or the right share of each.
  public func add(_ batch: OutputBatch, hasClasses: Bool, to sums: UnsafeMutablePointer<Double>) {
    guard !hasClasses else {
      sums[0] += Double(batch.correct)
      return
    }
    var right = 0
    for i in 0..<batch.samples * batch.width {
      right += (batch.outputs[i] > 0.5) == (batch.targets[i] > 0.5) ? 1 : 0
    }
    sums[0] += Double(right) / Double(batch.width)
  }
}

/// The share of samples whose class is among the k largest outputs; of equal ones the first count as
/// larger, and a sample with an output that is no number (NaN) counts as wrong.
public struct TopKAccuracy: Metric {
  /// `top_k_accuracy`.
  public static let kind = "top_k_accuracy"
  /// With Keras's k, 5.
  public static let prototype = TopKAccuracy()
  /// What can be set.
  public static let settings: [Setting<TopKAccuracy>] = [
    Setting("k", \.k, .atLeast(1), "how many of the largest outputs count")
  ]
  /// How many of the largest outputs count.
  public var k: Int

  /// Creates the metric.
  public init(k: Int = 5) { self.k = k }

  /// Adds the samples with fewer than k larger outputs than that of the largest target.
  public func add(_ batch: OutputBatch, hasClasses: Bool, to sums: UnsafeMutablePointer<Double>) {
    for n in 0..<batch.samples {
      let outputs = batch.outputs(of: n), label = batch.largestTarget(of: n)
      let own = outputs[label]
      // Which are the largest cannot be said where one is no number.
      guard !outputs.contains(where: \.isNaN) else { continue }
      var larger = 0
      for (j, output) in outputs.enumerated() where output > own || (output == own && j < label) {
        larger += 1
      }
      sums[0] += larger < k ? 1 : 0
    }
  }
}
