/// How many of some numbers lie in each of the equal parts between the least and the largest.
struct Histogram {
  /// The least of the numbers.
  let least: Double
  /// The largest of the numbers.
  let largest: Double
  /// The sum of the numbers.
  let sum: Double
  /// The sum of their squares.
  let squares: Double
  /// Where each part ends, which belongs to it.
  let limits: [Double]
  /// How many numbers are in each part.
  let counts: [Double]

  /// Counts finite numbers, at least one, in two passes.
  init(_ values: UnsafeBufferPointer<Float>, parts: Int = 40) {
    var (least, largest) = (values.first ?? 0, values.first ?? 0)
    var (sum, squares) = (0.0, 0.0)
    for value in values {
      least = min(least, value)
      largest = max(largest, value)
      sum += Double(value)
      squares += Double(value) * Double(value)
    }
    (self.least, self.largest) = (Double(least), Double(largest))
    (self.sum, self.squares) = (sum, squares)
    let range = self.largest - self.least
    guard range > 0 else {
      (limits, counts) = ([self.largest], [Double(values.count)])
      return
    }
    let start = self.least, scale = Double(parts) / range
    var counts = [Int32](repeating: 0, count: parts)
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values where value.isFinite {
        counts[min(Int((Double(value) - start) * scale), parts - 1)] += 1
      }
    }
    let end = self.largest
    limits = (1...parts).map { $0 == parts ? end : start + range * Double($0) / Double(parts) }
    self.counts = counts.map(Double.init)
  }
}
