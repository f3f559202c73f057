import NeuralNetwork

/// A factor that integers are multiplied by with integers alone: `multiplier / 2^shift`.
///
/// A product is rounded to the nearest integer, halves up: ⌊value · multiplier / 2^shift + ½⌋. This is the one rule by
/// which a quantized network rounds, here and in the C code that it becomes (`mc_rounded` there).
package struct FixedPointFactor: Hashable, Sendable {
  /// From 2³⁰ to below 2³¹, or the negative of that, where the factor is no less than 2⁻³².
  package let multiplier: Int32
  /// From 1 to 62.
  package let shift: Int32

  /// What factors are below, so that their shift is at least 1.
  static let bound = 0x1p30

  /// The nearest one to a factor.
  ///
  /// - Throws: a `ModelError` where the factor is 2³⁰ or more, or not finite.
  init(_ factor: Double) throws(ModelError) {
    shift = try Self.shift(for: factor)
    multiplier = Self.multiplier(factor, shift: shift)
  }

  private init(multiplier: Int32, shift: Int32) {
    (self.multiplier, self.shift) = (multiplier, shift)
  }

  /// Factors with one shift, so that a sum of products is rounded once.
  static func sharingShift(_ factors: [Double]) throws(ModelError) -> [FixedPointFactor] {
    var shift: Int32 = 62
    for factor in factors { shift = min(shift, try Self.shift(for: factor)) }
    return factors.map { FixedPointFactor(multiplier: multiplier($0, shift: shift), shift: shift) }
  }

  /// ⌊product / 2^shift + ½⌋, for a product of at most 2⁶² and a shift from 1 to 62.
  package static func rounded(_ product: Int64, shift: Int32) -> Int64 {
    // Swift shifts negative numbers arithmetically, which C leaves open.
    (product &+ (1 << Int64(shift - 1))) >> Int64(shift)
  }

  /// The rounded product.
  package func callAsFunction(_ value: Int32) -> Int64 {
    Self.rounded(Int64(value) * Int64(multiplier), shift: shift)
  }

  private static func shift(for factor: Double) throws(ModelError) -> Int32 {
    guard factor.magnitude < bound else {
      throw ModelError(
        "its numbers would have to be multiplied by \(factor); expected less than \(Int(bound))")
    }
    guard factor != 0 else { return 62 }
    // Where the multiplier is rounded up to 2³¹, one bit less.
    let exponent = Int32(clamping: factor.exponent)
    let shift = 30 - exponent
    let scaled = (factor.magnitude * exp2(shift)).rounded()
    return min(max(scaled < 0x1p31 ? shift : shift - 1, 1), 62)
  }

  private static func multiplier(_ factor: Double, shift: Int32) -> Int32 {
    Int32(clamping: Int64((factor * exp2(shift)).rounded()))
  }

  private static func exp2(_ exponent: Int32) -> Double {
    Double(sign: .plus, exponent: Int(exponent), significand: 1)
  }
}
