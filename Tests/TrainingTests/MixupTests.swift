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

  @Test(arguments: [0.1, 0.5, 1]) func sharesFollowTheBetaDistribution(
    alpha: Float
  ) {
    let shares = shares(alpha, 20_000)
    #expect(shares.allSatisfy { (0.5...1).contains($0) })
    // The variance of Beta(a, a) around 1/2 is 1 / (4 (2 a + 1)).
    let variance = shares.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / Double(shares.count)
    #expect(abs(variance - 0.25 / (2 * Double(alpha) + 1)) < 0.002)
  }
}
