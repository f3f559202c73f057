import NeuralNetwork
import Testing

@testable import Interchange

@Suite struct FixedPointFactorTests {
  @Test func aProductIsRoundedToTheNearestIntegerHalvesUp() throws {
    let half = try FixedPointFactor(0.5)
    #expect([-3, -2, -1, 0, 1, 2, 3].map { half($0) } == [-1, -1, 0, 0, 1, 1, 2])
    let negative = try FixedPointFactor(-0.5)
    #expect([-3, -1, 1, 3].map { negative($0) } == [2, 1, 0, -1])
  }

  @Test func aProductIsWithinHalfAStepOfTheExactOne() throws {
    for exponent in -40...28 {
      let exact = 1.2345678 * Double(sign: .plus, exponent: exponent, significand: 1)
      let factor = try FixedPointFactor(exact)
      for value in [Int32.min + 1, -65_025, -255, -1, 0, 1, 127, 9999, .max] {
        let product = Double(value) * exact
        // The multiplier itself is rounded to 31 bits.
        let tolerance = 0.5 + product.magnitude * 0x1p-30 + 0x1p-60
        #expect(
          (Double(factor(value)) - product).magnitude <= tolerance,
          "\(value) · 1.23 · 2^\(exponent)")
      }
    }
  }

  @Test func theLargestProductsFit64Bits() throws {
    for factor in [1.9999999999, 0.9999999999, 0x1p29, 0x1p-31, 0x1p-62, 0x1p-200, 0] {
      let fixed = try FixedPointFactor(factor)
      #expect((1...62).contains(fixed.shift))
      for value in [Int32.min, .max] {
        let product = Double(value) * factor
        #expect((Double(fixed(value)) - product).magnitude <= 0.5 + product.magnitude * 0x1p-30)
      }
    }
  }

  @Test func aFactorThatIsTooLargeIsRefused() {
    for factor in [0x1p30, .infinity, .nan] {
      #expect(throws: ModelError.self) { try FixedPointFactor(factor) }
    }
  }

  @Test func factorsOfASumShareAShift() throws {
    let factors = try FixedPointFactor.sharingShift([0.75, 0.001])
    #expect(factors[0].shift == factors[1].shift)
    #expect(factors[0].multiplier == 3 << 29)
    let sum = Int64(factors[0].multiplier) * 2 + Int64(factors[1].multiplier) * 500
    #expect(FixedPointFactor.rounded(sum, shift: factors[0].shift) == 2)
  }
}

@Suite struct QuantizationGridTests {
  @Test func pixelsAreIntegersExactly() {
    for byte in 0...255 {
      let integer = QuantizationGrid.pixels.integer(for: Double(byte) / 255)
      #expect(integer == Int32(byte) - 128)
    }
  }

  @Test func zeroIsAnIntegerOfEveryGrid() {
    for range in [0.0...1, -3...1, -1...0, 2...5, -7 ... -2, 0...0, -1e-30...1e30] {
      let grid = QuantizationGrid(range)
      #expect(QuantizationGrid.integers.contains(grid.zero), "\(range)")
      #expect(grid.number(for: grid.zero) == 0)
      #expect(grid.integer(for: 0) == grid.zero)
    }
  }

  @Test func numbersOfTheRangeAreWithinHalfAStep() {
    let grid = QuantizationGrid(-1.5...4)
    for number in stride(from: -1.49, through: 3.99, by: 0.01) {
      let found = grid.number(for: grid.integer(for: number))
      #expect((found - number).magnitude <= grid.scale / 2 + 1e-12)
    }
    #expect(grid.integer(for: 100) == 127)
    #expect(grid.integer(for: -100) == -128)
  }
}
