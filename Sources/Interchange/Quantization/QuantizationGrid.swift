/// Which numbers the integers from −128 to 127 of an activation stand for: scale · (integer − zero).
///
/// With a zero of its own an activation that is never negative, as after a ReLU, uses all 256 integers and not
/// just half of them, and a pixel is one exactly: byte − 128 stands for byte / 255. The integer `zero` stands for 0
/// itself, so padding is exact too.
package struct QuantizationGrid: Hashable, Sendable {
  /// The distance between neighbouring numbers.
  package let scale: Double
  /// The integer that stands for 0.
  package let zero: Int32

  /// The integers.
  static let integers: ClosedRange<Int32> = -128...127

  /// That of pixels, which a network gets divided by 255.
  static let pixels = QuantizationGrid(scale: 1 / 255, zero: -128)

  /// A grid, as it is stated.
  init(scale: Double, zero: Int32) { (self.scale, self.zero) = (scale, zero) }

  /// The grid for the numbers of a range, and 0.
  init(_ range: ClosedRange<Double>) {
    let low = min(range.lowerBound, 0), high = max(range.upperBound, 0)
    guard high > low else {
      self.init(scale: 1, zero: 0)
      return
    }
    let scale = (high - low) / 255
    self.init(scale: scale, zero: Int32(-128 + (-low / scale).rounded()))
  }

  /// The integer that stands for the number nearest to this one.
  func integer(for number: Double) -> Int32 {
    let nearest = (number / scale).rounded() + Double(zero)
    return Int32(min(max(nearest, -128), 127))
  }

  /// The number that an integer stands for.
  func number(for integer: Int32) -> Double { scale * Double(integer - zero) }

  /// The most that an integer differs from ``zero``.
  var reach: Int64 { Int64(max(127 - zero, zero + 128)) }
}
