import Platform

/// Whether two classifiers differ on the same labelled samples: McNemar's test, exact (McNemar 1947,
/// "Note on the sampling error of the difference between correlated proportions or percentages").
public struct PairedComparison: Sendable, Equatable {
  /// The number of samples that both get right.
  public let bothRight: Int
  /// The number of samples that only the first gets right.
  public let onlyFirst: Int
  /// The number of samples that only the second gets right.
  public let onlySecond: Int
  /// The number of samples that both get wrong.
  public let bothWrong: Int

  /// Compares predictions for the same samples, one class each.
  public init<Class: Equatable>(first: [Class], second: [Class], labels: [Class]) {
    require(
      first.count == labels.count && second.count == labels.count,
      "\(first.count) and \(second.count) predictions for \(labels.count) labels")
    var counts = (0, 0, 0, 0)
    for i in labels.indices {
      switch (first[i] == labels[i], second[i] == labels[i]) {
      case (true, true): counts.0 += 1
      case (true, false): counts.1 += 1
      case (false, true): counts.2 += 1
      case (false, false): counts.3 += 1
      }
    }
    (bothRight, onlyFirst, onlySecond, bothWrong) = counts
  }

  /// The number of samples.
  public var samples: Int { bothRight + onlyFirst + onlySecond + bothWrong }

  /// How likely counts at least as uneven as ``onlyFirst`` and ``onlySecond`` are where each sample
  /// that just one gets right might as well have been either's; two-sided.
  public var pValue: Double {
    let n = onlyFirst + onlySecond, k = min(onlyFirst, onlySecond)
    guard n > 0 else { return 1 }
    // In logarithms: 2⁻ⁿ is 0 for a thousand samples.
    var tail = 0.0
    for i in 0...k {
      let choices = lgamma(Double(n + 1)) - lgamma(Double(i + 1)) - lgamma(Double(n - i + 1))
      tail += exp(choices - Double(n) * log(2))
    }
    return min(1, 2 * tail)
  }

  /// The first's accuracy minus the second's, as a share.
  public var difference: Double {
    samples == 0 ? 0 : Double(onlyFirst - onlySecond) / Double(samples)
  }

  /// The range in which that difference lies with 95 % confidence (Agresti and Min 2005, "Simple
  /// improved confidence intervals for comparing matched proportions"): Wald's interval, with half
  /// a sample more in each of the four counts.
  public var interval: ClosedRange<Double> {
    let n = Double(samples) + 2
    let (b, c) = (Double(onlyFirst) + 0.5, Double(onlySecond) + 0.5)
    let center = (b - c) / n
    let half = AccuracyInterval.quantile * (b + c - (b - c) * (b - c) / n).squareRoot() / n
    return max(-1, center - half)...min(1, center + half)
  }
}
