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

  @Test func spreads() {
    let spread = Spread([4, 1, 3, 2])
    #expect(spread.mean == 2.5 && spread.median == 2.5)
    #expect(spread.least == 1 && spread.most == 4)
    #expect(abs(spread.deviation - 1.290_994_448_735_8) < 1e-12)
    #expect(Spread([7]).deviation == 0 && Spread([7]).median == 7)
  }

  @Test func aRateIsFoundBetweenTooSmallAndTooLarge() throws {
    var random = SplitMix64(state: 9)
    let labels = (0..<256).map { _ in UInt8.random(in: 0..<4, using: &random) }
    var pixels: [UInt8] = []
    for label in labels {
      // Not to be learned without error, so that a large rate does harm.
      let bright = UInt8.random(in: 0..<10, using: &random) < 3 ? (label + 1) % 4 : label
      for place in 0..<64 {
        let noise = UInt8.random(in: 0..<120, using: &random)
        pixels.append(noise + (place / 16 == Int(bright) ? 130 : 0))
      }
    }
    let data = try ImageSet(pixels: pixels, labels: labels, height: 8, width: 8)
    let model = ModelSpec("small", input: [8, 8, 1], layers: [Flatten(), Dense(units: 4)])
    var settings = TrainingSettings()
    settings.update = UpdateRule(SGD())
    settings.batchSize = 32
    settings.seed = 1
    let test = try RateRangeTest(
      model, settings: settings, data: data, rates: 1e-4...1000, steps: 200)
    #expect(test.diverged)
    #expect(test.points.count < 200)
    let steepest = try #require(test.steepest)
    let lowest = try #require(test.lowest)
    #expect(steepest > 0.01 && steepest < lowest.rate)
    #expect(test.suggestion(for: .constant) == steepest)
    #expect(test.suggestion(for: .oneCycle(rise: 0.3)) == max(steepest, lowest.rate / 10))
    let again = try RateRangeTest(
      model, settings: settings, data: data, rates: 1e-4...1000, steps: 200, threads: 1)
    #expect(again.points == test.points)
  }
}
