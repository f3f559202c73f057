import ImageData
import NeuralNetwork
import TestSupport
import Testing
import Training

@Suite struct ComparisonTests {
  /// Predictions of two models of which each is right as often as stated.
  private func comparison(_ counts: (Int, Int, Int, Int)) -> PairedComparison {
    func repeated(_ values: [UInt8]) -> [UInt8] {
      zip(values, [counts.0, counts.1, counts.2, counts.3]).flatMap {
        [UInt8](repeating: $0, count: $1)
      }
    }
    return PairedComparison(
      first: repeated([1, 1, 2, 2]), second: repeated([1, 2, 1, 3]), labels: repeated([1, 1, 1, 1]))
  }

  @Test func itIsTheBinomialTest() {
    let five = comparison((90, 1, 5, 4))
    #expect(five.bothRight == 90 && five.onlyFirst == 1)
    #expect(five.onlySecond == 5 && five.bothWrong == 4)
    // Two of the seven least even outcomes of six coins on each side: 2 · (1 + 6) / 64.
    #expect(abs(five.pValue - 0.21875) < 1e-12)
    #expect(abs(five.difference + 0.04) < 1e-12)
    #expect(abs(comparison((0, 0, 10, 0)).pValue - 2.0 / 1024) < 1e-12)
    #expect(comparison((7, 3, 3, 0)).pValue == 1)
    #expect(comparison((7, 0, 0, 3)).pValue == 1)
    let many = comparison((0, 1000, 1200, 0)).pValue
    #expect(many > 2e-5 && many < 2.3e-5)
  }

  @Test func theIntervalIsThatOfAgrestiAndMin() {
    let interval = comparison((9880, 30, 50, 40)).interval
    #expect(abs(interval.lowerBound + 0.003_762_78) < 1e-8)
    #expect(abs(interval.upperBound + 0.000_236_42) < 1e-8)
  }

  @Test func spreads() throws {
    let spread = Spread([4, 1, 3, 2])
    #expect(spread.mean == 2.5 && spread.median == 2.5)
    #expect(spread.least == 1 && spread.most == 4)
    let deviation = try #require(spread.deviation)
    #expect(abs(deviation - 1.290_994_448_735_8) < 1e-12)
    #expect(Spread([7]).deviation == nil && Spread([7]).median == 7)
  }
}
