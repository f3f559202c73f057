import ImageData
import NeuralNetwork
import TestSupport
import Testing
import Training

@Suite struct RateRangeTests {
  private static func data() throws -> ImageSet {
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
    return try ImageSet(pixels: pixels, labels: labels, height: 8, width: 8)
  }

  private func test(
    _ rates: ClosedRange<Double>, steps: Int = 200, threads: Int? = nil
  ) throws -> RateRangeTest {
    let model = ModelSpec("small", input: [8, 8, 1], layers: [Flatten(), Dense(units: 4)])
    var settings = TrainingSettings()
    settings.update = UpdateRule(SGD())
    settings.batchSize = 32
    settings.seed = 1
    return try RateRangeTest(
      model, settings: settings, data: try Self.data(), rates: rates, steps: steps,
      threads: threads)
  }

  @Test func aRateIsFoundBetweenTooSmallAndTooLarge() throws {
    let test = try test(1e-4...1000)
    #expect(test.diverged)
    #expect(test.points.count < 200)
    let steepest = try #require(test.steepest)
    let lowest = try #require(test.lowest)
    #expect(steepest > 0.01 && steepest < lowest.rate)
    #expect(test.verdict == .falls(steepest: steepest))
    #expect(test.suggestion(for: .constant) == steepest)
    #expect(test.suggestion(for: .oneCycle(rise: 0.3)) == max(steepest, lowest.rate / 10))
    #expect(try self.test(1e-4...1000, threads: 1).points == test.points)
  }

  @Test func whyNoRateIsFoundIsTold() throws {
    let test = try test(1000...2000)
    #expect(test.verdict == .leastTooSoon)
    #expect(test.suggestion(for: .constant) == nil)
  }

  @Test func aTestOfOneStepEnds() throws {
    #expect(try test(1e-4...1, steps: 1).points.count == 1)
  }

  @Test func ratesThatMakeNoSenseAreAWrongCall() async {
    await #expect(processExitsWith: .failure) { _ = try? RateRangeTests().test(0...1) }
    await #expect(processExitsWith: .failure) { _ = try? RateRangeTests().test(0.1...1, steps: 0) }
  }
}
