/// Where the brightness of a square image lies: its middle, and how far it spreads around that.
struct Moments {
  let row: Double, column: Double
  let rowVariance: Double, columnVariance: Double, covariance: Double

  init(_ image: [Float], side: Int) {
    func mean(_ value: (_ row: Double, _ column: Double) -> Double) -> Double {
      var (sum, weight) = (0.0, 0.0)
      for (place, brightness) in image.enumerated() {
        sum += Double(brightness) * value(Double(place / side), Double(place % side))
        weight += Double(brightness)
      }
      return sum / weight
    }
    let (row, column) = (mean { row, _ in row }, mean { _, column in column })
    (self.row, self.column) = (row, column)
    rowVariance = mean { r, _ in (r - row) * (r - row) }
    columnVariance = mean { _, c in (c - column) * (c - column) }
    covariance = mean { r, c in (r - row) * (c - column) }
  }
}
