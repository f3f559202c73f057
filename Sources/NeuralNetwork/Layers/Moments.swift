/// The mean and the squared deviations of numbers that come in parts.
struct Moments {
  private(set) var count = 0.0
  private(set) var mean = 0.0
  private(set) var deviations = 0.0

  /// The mean of the squared deviations.
  var variance: Double { deviations / count }

  /// Adds a part: its number of numbers, their mean, and the sum of their squared deviations from it.
  ///
  /// Chan, Golub and LeVeque 1979: those of two parts give those of both.
  mutating func join(count more: Double, mean other: Float, deviations others: Float) {
    let distance = Double(other) - mean
    let total = count + more
    mean += distance * more / total
    deviations += Double(others) + distance * distance * count * more / total
    count = total
  }
}
