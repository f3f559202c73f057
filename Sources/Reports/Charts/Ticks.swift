import Platform

/// Round numbers along an axis.
enum Ticks {
  /// At most so many numbers within a range, 1, 2 or 5 times a power of ten apart.
  static func of(_ range: ClosedRange<Double>, most: Int, wholeOnly: Bool = false) -> [Double] {
    let rough = (range.upperBound - range.lowerBound) / Double(most)
    guard rough > 0, rough.isFinite else { return [] }
    let power = pow(10, floor(log10(rough)))
    var step = ([1, 2, 5].first { Double($0) * power >= rough }.map { Double($0) } ?? 10) * power
    if wholeOnly { step = max(1, step.rounded(.up)) }
    let first = (range.lowerBound / step).rounded(.up),
      last = (range.upperBound / step).rounded(.down)
    guard last >= first, last - first < 1000 else { return [] }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// A tick's number, as short as it can be.
  static func label(_ value: Double) -> String {
    let size = abs(value)
    if size >= 1e5 || (size > 0 && size < 1e-4) {
      let exponent = Int(floor(log10(size)))
      return "\(Format.short(value / pow(10, Double(exponent)), 1))e\(exponent)"
    }
    return Format.short(value, 6)
  }
}
