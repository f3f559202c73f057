/// The share of what is taken for a class that is of it: the mean over the classes, or labels, in which
/// one that nothing is taken for counts as 0.
public struct Precision: Metric {
  /// `precision`.
  public static let kind = "precision"
  /// It has no settings.
  public static let prototype = Precision()

  /// Creates the metric.
  public init() {}

  /// Hits, taken and present for each output.
  public func sumCount(outputs: Int) -> Int { ClassCounts.sumCount(outputs: outputs) }
  /// Counts them.
  public func add(_ batch: OutputBatch, hasClasses: Bool, to sums: UnsafeMutablePointer<Double>) {
    ClassCounts.add(batch, hasClasses: hasClasses, to: sums)
  }
  /// The mean of hits / taken.
  public func value(_ sums: UnsafeBufferPointer<Double>, samples: Int) -> Double {
    ClassCounts.mean(sums) { $0.hits / $0.taken }
  }
}

/// The share of a class's samples that are found: the mean over the classes, or labels, in which one
/// without samples counts as 0.
public struct Recall: Metric {
  /// `recall`.
  public static let kind = "recall"
  /// It has no settings.
  public static let prototype = Recall()

  /// Creates the metric.
  public init() {}

  /// Hits, taken and present for each output.
  public func sumCount(outputs: Int) -> Int { ClassCounts.sumCount(outputs: outputs) }
  /// Counts them.
  public func add(_ batch: OutputBatch, hasClasses: Bool, to sums: UnsafeMutablePointer<Double>) {
    ClassCounts.add(batch, hasClasses: hasClasses, to: sums)
  }
  /// The mean of hits / present.
  public func value(_ sums: UnsafeBufferPointer<Double>, samples: Int) -> Double {
    ClassCounts.mean(sums) { $0.hits / $0.present }
  }
}

/// The harmonic mean of precision and recall of a class: the mean over the classes, or labels, as
/// Keras's macro average takes it.
public struct F1: Metric {
  /// `f1`.
  public static let kind = "f1"
  /// It has no settings.
  public static let prototype = F1()

  /// Creates the metric.
  public init() {}

  /// Hits, taken and present for each output.
  public func sumCount(outputs: Int) -> Int { ClassCounts.sumCount(outputs: outputs) }
  /// Counts them.
  public func add(_ batch: OutputBatch, hasClasses: Bool, to sums: UnsafeMutablePointer<Double>) {
    ClassCounts.add(batch, hasClasses: hasClasses, to: sums)
  }
  /// The mean of 2 · hits / (taken + present).
  public func value(_ sums: UnsafeBufferPointer<Double>, samples: Int) -> Double {
    ClassCounts.mean(sums) { 2 * $0.hits / ($0.taken + $0.present) }
  }
}

/// How often each class, or label, was found, was taken for present, and was present: three sums for
/// each output.
private struct ClassCounts {
  let hits: Double, taken: Double, present: Double

  static func sumCount(outputs: Int) -> Int { 3 * outputs }

  static func add(_ batch: OutputBatch, hasClasses: Bool, to sums: UnsafeMutablePointer<Double>) {
    func count(_ output: Int, isTaken: Bool, isPresent: Bool) {
      sums[3 * output] += isTaken && isPresent ? 1 : 0
      sums[3 * output + 1] += isTaken ? 1 : 0
      sums[3 * output + 2] += isPresent ? 1 : 0
    }
    for n in 0..<batch.samples {
      if hasClasses {
        let (taken, present) = (batch.largestOutput(of: n), batch.largestTarget(of: n))
        count(taken, isTaken: true, isPresent: taken == present)
        if taken != present { count(present, isTaken: false, isPresent: true) }
      } else {
        let outputs = batch.outputs(of: n), targets = batch.targets(of: n)
        for j in 0..<batch.width {
          count(j, isTaken: outputs[j] > 0.5, isPresent: targets[j] > 0.5)
        }
      }
    }
  }

  /// The mean over the outputs of a quotient, which is 0 where it would divide by 0.
  static func mean(
    _ sums: UnsafeBufferPointer<Double>, _ quotient: (ClassCounts) -> Double
  ) -> Double {
    let outputs = sums.count / 3
    let total = (0..<outputs).reduce(0.0) { total, j in
      let value = quotient(
        ClassCounts(hits: sums[3 * j], taken: sums[3 * j + 1], present: sums[3 * j + 2]))
      return total + (value.isFinite ? value : 0)
    }
    return total / Double(outputs)
  }
}
