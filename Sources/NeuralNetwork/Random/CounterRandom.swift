import CKernels
import Platform

/// A random sequence that follows from its key alone.
///
/// Whoever needs numbers names what they are for (a seed, a purpose, an epoch, a sample), and gets
/// the same ones whichever thread asks, in whatever order, before or after a resume. The state is a
/// counter; each output is that counter through the finalizer of SplitMix64 (Steele, Lea and Flood
/// 2014, "Fast splittable pseudorandom number generators").
public struct CounterRandom: RandomNumberGenerator, Sendable {
  /// What a sequence is drawn for; two purposes never share numbers.
  public enum Purpose: UInt64, Sendable {
    /// First weights.
    case initialization = 1
    /// The order of the samples in an epoch.
    case shuffle = 2
    /// What a layer draws in training: which activations drop out, what noise is added.
    case layer = 3
    /// Which samples are set aside for validation.
    case validationSplit = 4
    /// Whatever a test needs.
    case test = 5
    /// How a training image is changed.
    case augmentation = 6
    /// Which samples are mixed, and how.
    case mixup = 7
    /// Which samples are set aside for a test.
    case testSplit = 8
    /// Which training samples say how large the numbers between layers become.
    case calibration = 9
    /// The settings that a search tries.
    case search = 10
  }

  private var counter: UInt64
  private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The sequence of a seed, a purpose and up to three numbers that tell its uses apart.
  public init(seed: UInt64, _ purpose: Purpose, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) {
    counter = Self.key(seed: seed, purpose, a, b, c)
  }

  /// The 64-bit key such a sequence starts from, for a kernel that counts by itself.
  package static func key(
    seed: UInt64, _ purpose: Purpose, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0
  ) -> UInt64 {
    var key = mix(seed &+ step &* purpose.rawValue)
    key = join(key, a)
    key = join(key, b)
    return join(key, c)
  }

  private static func join(_ key: UInt64, _ word: Int) -> UInt64 {
    mix(key ^ mix(UInt64(bitPattern: Int64(word)) &+ step))
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    counter &+= Self.step
    return Self.mix(counter)
  }

  /// A number in `[0, 1)`, a multiple of 2⁻²⁴.
  public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A number in `[low, high)`.
  public mutating func uniform(_ low: Float, _ high: Float) -> Float {
    low + (high - low) * uniform()
  }

  /// A number between two, all equally likely.
  package mutating func uniformDouble(_ low: Double, _ high: Double) -> Double {
    min(low + (high - low) * (Double(next() >> 11) * 0x1p-53), high)
  }

  /// A number between two that are above 0, whose logarithm is equally likely everywhere.
  package mutating func logUniform(_ low: Double, _ high: Double) -> Double {
    require(low > 0, "no logarithm of \(low) to draw from")
    return min(max(mc_exp(uniformDouble(mc_log(low), mc_log(high))), low), high)
  }

  /// A number from the standard normal distribution (Box and Muller 1958).
  public mutating func normal() -> Float {
    let radius = (-2 * mc_log(1 - Double(uniform()))).squareRoot()
    return Float(radius * mc_cos(2 * Double.pi * Double(uniform())))
  }

  /// A number below `bound`, all equally likely (Lemire 2019, without the rare rejection: its bias
  /// is below 2⁻³² for every bound this package uses).
  public mutating func below(_ bound: Int) -> Int {
    require(bound > 0, "no number is below \(bound)")
    return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// The numbers `0..<count` in random order (Fisher and Yates).
  package static func permutation(_ count: Int, using random: CounterRandom) -> [Int32] {
    var random = random
    var order = (0..<Int32(count)).map { $0 }
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, random.below(last + 1))
    }
    return order
  }
}
