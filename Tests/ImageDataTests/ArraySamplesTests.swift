import NeuralNetwork
import Testing

@testable import ImageData

@Suite("ImageDataTests: samples in memory") struct ArraySamplesTests {
  private let values: [Float] = [1, 2, 3, 4, 5, 6]

  @Test func samplesAreCopiedByNumber() {
    let samples = ArraySamples(values, shape: [2])
    #expect(samples.count == 3 && samples.sampleShape == [2] && samples.targets == .none)
    var found: [Float] = [0, 0, 0, 0, -1]
    [2, 0].withUnsafeBufferPointer { samples.copySamples($0, to: &found) }
    #expect(found == [5, 6, 1, 2, -1])
  }

  @Test func classesBecomeTargets() {
    let samples = ArraySamples(values, shape: [1, 2, 1], labels: [300, 0, 2])
    #expect(samples.targets == .classes && samples.labels([0, 2]) == [300, 2])
    var found = [Float](repeating: 9, count: 9)
    [1, 2].withUnsafeBufferPointer { samples.copyTargets($0, outputs: 4, to: &found) }
    #expect(found == [1, 0, 0, 0, 0, 0, 1, 0, 9])
  }

  @Test func numbersAreTargetsAsTheyAre() {
    let samples = ArraySamples(
      values, shape: [2], targets: [0.5, 1, 1.5, 2, 2.5, 3], targetShape: [2, 1])
    #expect(samples.targets == .values([2, 1]))
    var found: [Float] = [9, 9, 9, 9, 9]
    [2, 1].withUnsafeBufferPointer { samples.copyTargets($0, outputs: 2, to: &found) }
    #expect(found == [2.5, 3, 1.5, 2, 9])
    #expect(ArraySamples(values, shape: [2], targets: [1, 2, 3]).targets == .values([1]))
  }

  @Test func aDigestTellsAllOfIt() throws {
    let one = ArraySamples(values, shape: [2], labels: [0, 1, 2])
    #expect(try #require(one.sha256).count == 64)
    #expect(ArraySamples(values, shape: [2], labels: [0, 1, 2]).sha256 == one.sha256)
    let others = [
      ArraySamples(values, shape: [2], labels: [0, 1, 1]),
      ArraySamples(values, shape: [2, 1], labels: [0, 1, 2]),
      ArraySamples([1, 2, 3, 4, 5, 7], shape: [2], labels: [0, 1, 2]),
      ArraySamples(values, shape: [2]),
      ArraySamples(values, shape: [2], targets: [0, 1, 2]),
      ArraySamples(values, shape: [2], targets: [0, 1, 2], targetShape: [1, 1]),
    ]
    #expect(Set(others.map(\.sha256)).count == others.count)
    #expect(!others.contains { $0.sha256 == one.sha256 })
  }
}
