import TestSupport

/// Changes files at random, the same way for the same seed.
struct Mutator {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(state: seed) }

  /// A changed copy of one of the seeds: one to four changes, rarely of none.
  mutating func next(of seeds: [[UInt8]]) -> [UInt8] {
    var bytes = seeds.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes, seeds) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8], _ seeds: [[UInt8]]) {
    guard let index = bytes.indices.randomElement(using: &random) else { return }
    let length = Int.random(in: 1...16, using: &random)
    let end = min(bytes.count, index + length)
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes[index] = .random(in: 0...255, using: &random)
    case 3: for i in index..<end { bytes[i] = 255 }
    case 4: for i in index..<end { bytes[i] = 0 }
    case 5: bytes.removeSubrange(index..<end)
    case 6: bytes.insert(.random(in: 0...255, using: &random), at: index)
    case 7: bytes.insert(contentsOf: bytes[index..<end], at: index)
    case 8:
      // A segment of another place or file.
      let other = seeds.randomElement(using: &random) ?? []
      if let from = other.indices.randomElement(using: &random) {
        let stretch = other[from..<min(other.count, from + length)]
        bytes.replaceSubrange(index..<min(bytes.count, index + stretch.count), with: stretch)
      }
    default: if bytes.count > 1 { bytes.removeSubrange(index...) }
    }
  }
}
