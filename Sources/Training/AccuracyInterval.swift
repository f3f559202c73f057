/// The range in which the accuracy on unlimited samples of the same kind lies with 95 % confidence,
/// after some of them were seen: Wilson's score interval (Wilson 1927, "Probable inference, the law
/// of succession, and statistical inference").
public enum AccuracyInterval {
  /// The normal distribution's quantile that leaves 2.5 % above it.
  static let quantile = 1.959_963_984_540_054

  /// The interval where this share of this many samples was correct; 0 to 1 where there were none.
  public static func of(_ accuracy: Double, samples: Int) -> ClosedRange<Double> {
    guard samples > 0 else { return 0...1 }
    let n = Double(samples), z = quantile
    let center = (accuracy + z * z / (2 * n)) / (1 + z * z / n)
    let spread = accuracy * (1 - accuracy) / n + z * z / (4 * n * n)
    let half = z * spread.squareRoot() / (1 + z * z / n)
    return max(0, center - half)...min(1, center + half)
  }
}
