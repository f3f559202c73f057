import ImageData
import NeuralNetwork
import Testing

@testable import Training

@Suite struct MixupTests {
  private typealias Images = ChangedImages

  /// The targets of one sample for three outputs.
  private func targets(_ source: some SampleSource, _ number: Int32) -> [Float] {
    var targets: [Float] = [9, 9, 9]
    [number].withUnsafeBufferPointer { source.copyTargets($0, outputs: 3, to: &targets) }
    return targets
  }

  @Test func targetsAreMixedAsTheSamplesAre() throws {
    let images = try Images.images()
    // Their labels are 1, 0 and 2.
    let training: [Int32] = [1, 3, 5]
    var partnersSeen = Set<Int32>()
    for epoch in 0..<20 {
      let seen = AugmentedSamples(
        images, settings: try Images.settings("none", mixup: 0.4), training: training, epoch: epoch,
        outputs: 3)
      #expect(seen.labels([1, 3]) == [1, 0])
      for number: Int32 in [1, 3] {
        let targets = targets(seen, number), own = Int(number % 3)
        let share = targets[own]
        #expect((0.5...1).contains(share))
        let mixed = Images.values(seen, number), alone = Images.values(images, number)
        let other = (0..<3).first { $0 != own && targets[$0] > 0 } ?? own
        #expect(abs(targets.reduce(0, +) - 1) < 1e-6 && targets.count { $0 > 0 } <= 2)
        let partner = try #require(training.first { Int($0 % 3) == other })
        // A partner of the same class leaves no trace in the target.
        guard other != own else { continue }
        let values = Images.values(images, partner)
        #expect(
          mixed.indices.allSatisfy { place in
            let expected = share * alone[place] + (1 - share) * values[place]
            return abs(mixed[place] - expected) < 1e-6
          })
        if share < 0.99 { partnersSeen.insert(partner) }
      }
    }
    #expect(partnersSeen == Set(training))
  }

  @Test func smoothingSpreadsAShareOfTheTargets() throws {
    let images = try Images.images()
    func smoothed(_ smoothing: Float, _ loss: any Loss) -> [Float] {
      targets(SmoothedTargets.of(images, TargetSmoothing(smoothing, for: loss)), 1)
    }
    #expect(smoothed(0, CrossEntropy()) == [0, 1, 0])
    for (found, expected) in zip(smoothed(0.3, CrossEntropy()), [0.1, 0.8, 0.1]) {
      #expect(abs(Double(found) - expected) < 1e-6)
    }
    #expect(smoothed(0.5, BinaryCrossEntropy()) == [0.25, 0.75, 0.25])
  }

  private func shares(_ alpha: Float, _ count: Int) -> [Double] {
    let mixup = Mixup(alpha: alpha, partners: [0], seed: 1, epoch: 0)
    return (0..<Int32(count)).map { Double(mixup.mixture(of: $0).share) }
  }

  @Test(arguments: [0.001, 0.01, 0.1, 0.5, 1]) func sharesFollowTheBetaDistribution(
    alpha: Float
  ) {
    let shares = shares(alpha, 20_000)
    #expect(shares.allSatisfy { (0.5...1).contains($0) })
    // The variance of Beta(a, a) around 1/2 is 1 / (4 (2 a + 1)).
    let variance = shares.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / Double(shares.count)
    #expect(abs(variance - 0.25 / (2 * Double(alpha) + 1)) < 0.002)
  }

  @Test(.timeLimit(.minutes(5)), arguments: [1e-6, 1e-30, Float.leastNonzeroMagnitude])
  func aTinyAlphaMixesNothing(alpha: Float) {
    #expect(shares(alpha, 20_000).allSatisfy { $0 > 0.9999 })
  }

  /// Samples that are no images: `[number, 1]`, of class 0 or 1 in turn.
  private struct Vectors: SampleSource {
    let count = 64
    let sampleShape: Shape = [2]

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
    ) {
      for (i, number) in numbers.enumerated() {
        (samples[2 * i], samples[2 * i + 1]) = (Float(number), 1)
      }
    }

    func copyLabels(
      _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>
    ) {
      for (i, number) in numbers.enumerated() { labels[i] = number % 2 }
    }
  }

  @Test func samplesOfAnyShapeAreMixed() throws {
    var settings = try Images.settings("none", mixup: 1)
    settings.epochs = 1
    settings.batchSize = 16
    try AugmentedSamples.check([2], settings)
    let seen = AugmentedSamples(Vectors(), settings: settings, training: [10, 20], epoch: 0)
    let mixed = Images.values(seen, 40)
    #expect(mixed[0] > 25 && mixed[0] < 40 && abs(mixed[1] - 1) < 1e-6)
    let model = ModelSpec("vectors", input: [2], layers: [Dense(units: 2)])
    try Trainer(model, settings: settings, data: Vectors(), threads: 1).run()
  }

  @Test func onlyImagesAreChanged() throws {
    let settings = try Images.settings("rotation=5", mixup: 1)
    try AugmentedSamples.check([28, 28, 1], settings)
    #expect(
      throws: SettingError(
        "augmentation", expected: "images (height×width×channels) to change",
        found: "samples of 4×2")
    ) { try AugmentedSamples.check([4, 2], settings) }
  }
}
