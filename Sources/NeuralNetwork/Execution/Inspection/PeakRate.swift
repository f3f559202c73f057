import CKernels

/// How many operations per second a core's multiply-add units can do: the yardstick for layers.
package enum PeakRate {
  /// Measures it on this thread: floating-point operations per second, two for each
  /// multiply-add; the median of some short rounds.
  package static func measure() -> Double {
    _ = mc_multiply_adds(50_000_000)
    let rates = (0..<9).map { _ in
      var done = 0
      let time = ContinuousClock().measure { done = mc_multiply_adds(50_000_000) }
      return 2 * Double(done) / max(time / .seconds(1), 1e-12)
    }
    return rates.median
  }
}
