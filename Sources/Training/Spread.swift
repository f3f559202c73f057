import Platform

/// The results of several runs of the same settings.
public struct Spread: Sendable, Equatable {
  /// The values, ascending.
  public let values: [Double]

  /// Gathers at least one value.
  public init(_ values: [Double]) {
    require(!values.isEmpty, "a spread of no values")
    self.values = values.sorted()
  }

  /// The mean.
  public var mean: Double { values.reduce(0, +) / Double(values.count) }

  /// The sample standard deviation (with n - 1 in the denominator); `nil` for one value.
  public var deviation: Double? {
    guard values.count > 1 else { return nil }
    let mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }

  /// The middle value, or the mean of the middle two.
  public var median: Double {
    (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
  }

  /// The smallest value.
  public var least: Double { values[0] }
  /// The largest value.
  public var most: Double { values[values.count - 1] }
}
