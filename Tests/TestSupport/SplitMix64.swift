/// A seeded generator (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
/// generators").
public struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  /// Starts at a seed.
  public init(state: UInt64) { self.state = state }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
