import CKernels
import Testing

/// Whether MINICNN_KERNELS asks for the plain loops, which every other run is compared with.
var usesPlainLoops: Bool { String(cString: mc_instruction_set()) == "plain" }

/// A small generator with a seed, so that every failure can be repeated.
struct Numbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  /// A number in [-1, 1).
  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(state >> 40) / Float(1 << 23) - 1
  }

  mutating func array(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}

/// Fails where `actual` is further than `tolerance` times the largest expected magnitude (at least 1)
/// from what the plain loops say.
func expectClose(
  _ actual: [Float], _ expected: [Float], tolerance: Double, _ what: String,
  location: SourceLocation = #_sourceLocation
) {
  expectClose(
    actual, expected.map(Double.init), tolerance: tolerance, what, location: location)
}

/// Fails where `actual` is further than `tolerance` times the largest expected magnitude (at least 1)
/// from `expected`.
func expectClose(
  _ actual: [Float], _ expected: [Double], tolerance: Double, _ what: String,
  location: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, "\(what)", sourceLocation: location)
  let scale = expected.reduce(1) { max($0, abs($1)) }
  let wrong = zip(actual, expected).enumerated().first {
    !(abs(Double($1.0) - $1.1) <= tolerance * scale)
  }
  #expect(wrong == nil, "\(what): \(String(describing: wrong))", sourceLocation: location)
}
