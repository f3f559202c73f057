/// Numbers between -1 and 1 that are the same in every run.
func numbers(_ count: Int, seed: UInt64) -> [Float] {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
  }
}

/// Floats behind an output that a kernel must leave alone.
let guardCount = 32
let guardValue: Float = 12345

/// An output of NaNs, so that a place that is not overwritten shows, and a guard behind it.
func unwritten(_ count: Int) -> [Float] {
  [Float](repeating: .nan, count: count) + [Float](repeating: guardValue, count: guardCount)
}

/// The first difference beyond `tolerance` times the larger of 1 and the value, or a touched guard.
func difference(_ found: [Float], _ expected: [Double], tolerance: Double) -> String? {
  for (i, value) in expected.enumerated() {
    if value.isNaN && found[i].isNaN { continue }
    let error = abs(Double(found[i]) - value)
    if !(error <= tolerance * max(1, abs(value))) {
      return "[\(i)]: expected \(value), found \(found[i])"
    }
  }
  if found.dropFirst(expected.count).contains(where: { $0 != guardValue }) {
    return "wrote behind its output"
  }
  return nil
}
