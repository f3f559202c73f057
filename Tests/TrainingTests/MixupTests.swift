import ImageData
import NeuralNetwork
import Testing

@testable import Training

@Suite struct MixupTests {
  private typealias Images = ChangedImages

  /// What a source says of some samples: their labels, their partners' labels, their own shares.
  private func labels(
    _ source: some SampleSource, _ numbers: [Int32]
  ) -> (own: [UInt8], partners: [UInt8], shares: [Float]) {
    var own = [UInt8](repeating: 9, count: numbers.count), partners = own
    var shares = [Float](repeating: 9, count: numbers.count)
    numbers.withUnsafeBufferPointer { numbers in
      own.withUnsafeMutableBufferPointer { own in
        partners.withUnsafeMutableBufferPointer { partners in
          shares.withUnsafeMutableBufferPointer { shares in
            guard let own = own.baseAddress, let partners = partners.baseAddress,
              let shares = shares.baseAddress
            else { return }
            source.copyLabels(numbers, to: own)
            source.copyMixtures(numbers, labels: partners, shares: shares)
          }
        }
      }
    }
    return (own, partners, shares)
  }

  @Test func mixturesHaveTheLabelOfTheirLargerPart() throws {
    let images = try Images.images()
    // Their labels are 1, 0 and 2.
    let training: [Int32] = [1, 3, 5]
    var partnersSeen = Set<Int32>()
    for epoch in 0..<20 {
      let seen = AugmentedSamples(
        images, settings: try Images.settings("none", mixup: 0.4), training: training, epoch: epoch)
      #expect(seen.mixes)
      let numbers: [Int32] = [1, 3]
      let (own, partners, shares) = labels(seen, numbers)
      #expect(own == [1, 0])
      for (i, number) in numbers.enumerated() {
        #expect((0.5...1).contains(shares[i]))
        let mixed = Images.values(seen, number), alone = Images.values(images, number)
        let partner = try #require(training.first { UInt8($0 % 3) == partners[i] })
        let other = Images.values(images, partner)
        #expect(
          mixed.indices.allSatisfy { place in
            let expected = shares[i] * alone[place] + (1 - shares[i]) * other[place]
            return abs(mixed[place] - expected) < 1e-6
          })
        if shares[i] < 0.99 { partnersSeen.insert(partner) }
      }
    }
    #expect(partnersSeen == Set(training))
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

  @Test(.timeLimit(.minutes(1)), arguments: [1e-6, 1e-30, Float.leastNonzeroMagnitude])
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
      _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<UInt8>
    ) {
      for (i, number) in numbers.enumerated() { labels[i] = UInt8(number % 2) }
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
