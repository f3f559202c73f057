import CKernels
import Testing

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The functions that give the same bits on every machine, beside those of the C library.
@Suite struct MathematicsTests {
  /// The C library is itself wrong by up to one unit in the last place.
  private func expectNear(
    _ found: Double, _ expected: Double, units: Double, _ what: @autoclosure () -> String,
    location: SourceLocation = #_sourceLocation
  ) {
    guard found.isFinite, expected.isFinite else {
      #expect(
        found == expected || found.isNaN && expected.isNaN, "\(what())", sourceLocation: location)
      return
    }
    let error = abs(found - expected) / max(expected.ulp, .leastNonzeroMagnitude)
    #expect(error <= units, "\(what()) is \(found), not \(expected)", sourceLocation: location)
  }

  /// `count` numbers between two bounds.
  private func numbers(_ count: Int, _ low: Double, _ high: Double) -> [Double] {
    var random = Numbers(seed: 5)
    return (0..<count).map { _ in
      low + (high - low) * (Double(random.next()) + 1 + 0x1p-24 * Double(random.next())) / 2
    }
  }

  @Test func exponentialsAndLogarithmsAreTheCLibrarys() {
    for x in numbers(20_000, -745, 709.7) + [0, -0.0, 1e-300, 710, -746, .infinity, -.infinity] {
      expectNear(mc_exp(x), exp(x), units: 3, "exp(\(x))")
    }
    for x in numbers(20_000, -700, 700).map(exp) + numbers(20_000, 0.5, 2) {
      expectNear(mc_log(x), log(x), units: 3, "log(\(x))")
    }
    for x in [0, -0.0, 1, -1, .leastNonzeroMagnitude, .infinity, .nan, .greatestFiniteMagnitude] {
      expectNear(mc_log(x), log(x), units: 3, "log(\(x))")
    }
    for x in numbers(20_000, -0.9, 3) + numbers(20_000, -40, -1).map(exp) + [0, -1, -2, 1e300] {
      expectNear(mc_log1p(x), log1p(x), units: 4, "log1p(\(x))")
      expectNear(mc_expm1(x), expm1(x), units: 4, "expm1(\(x))")
    }
  }

  @Test func powersAreTheCLibrarys() {
    for (x, y) in zip(numbers(20_000, 0.001, 4), numbers(20_000, 20, -20)) {
      expectNear(mc_power(x, y), pow(x, y), units: 4 + 2 * abs(y * log(x)), "\(x)^\(y)")
    }
    // What a double can hold is exact.
    #expect(mc_power(0.5, 3) == 0.125 && mc_power(2, -10) == 0x1p-10)
    #expect(mc_power(3, 20) == 3_486_784_401)
    let ends: [(Double, Double)] = [
      (0, 0), (0, 2), (0, -1), (7, 0), (1, 1e9), (2, 2000), (2, -2000), (0, 0.5),
    ]
    for (x, y) in ends {
      #expect(mc_power(x, y) == pow(x, y), "\(x)^\(y)")
    }
  }

  @Test func sinesAreTheCLibrarys() {
    for x in numbers(20_000, -20, 20) + numbers(5000, -1e6, 1e6) + [0, 0.5, 1e-9] {
      #expect(abs(mc_sin(x) - sin(x)) <= 2 * 0x1p-53, "sin(\(x))")
      #expect(abs(mc_cos(x) - cos(x)) <= 2 * 0x1p-53, "cos(\(x))")
    }
    #expect(mc_sin(1e9).isNaN && mc_cos(.infinity).isNaN && mc_sin(.nan).isNaN)
  }

  // Held to numbers and not to each other: a machine that rounds differently fails by itself.
  @Test func theBitsAreTheSameOnEveryMachine() {
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    for x in numbers(10_000, -30, 30) {
      for value in [
        mc_exp(x), mc_log(abs(x)), mc_log1p(abs(x)), mc_expm1(x), mc_power(abs(x), x / 4),
        mc_sin(x), mc_cos(x),
      ] {
        digest = (digest ^ value.bitPattern) &* 0x100_0000_01B3
      }
    }
    #expect(digest == 16_493_748_555_663_038_059)
  }
}
