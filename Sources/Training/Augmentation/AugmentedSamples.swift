import CKernels
import NeuralNetwork
import Platform

/// The samples of one epoch as a network sees them in training: changed, and mixed with others, at
/// random, by whichever thread fetches them.
package final class AugmentedSamples: SampleSource {
  private let base: any SampleSource
  private let augmentation: Augmentation
  private let mixup: Mixup?
  private let seed: UInt64
  /// The epoch, counted from 0.
  let epoch: Int
  /// The number of floats that the change of an image takes, and that the partner in a mixture
  /// takes.
  private let changeCount: Int, partnerCount: Int
  /// The number of floats of working memory that ``copySamples(_:to:scratch:)`` takes.
  package let scratchCount: Int

  /// Whether these settings change or mix samples.
  static func areNeeded(_ settings: TrainingSettings) -> Bool {
    !settings.augmentation.isIdentity || settings.mixup > 0
  }

  /// Throws where samples of a shape cannot be changed as the settings ask.
  package static func check(_ shape: Shape, _ settings: TrainingSettings) throws(SettingError) {
    guard settings.augmentation.isIdentity || shape.rank == 3 else {
      throw SettingError(
        "augmentation", expected: "images (height×width×channels) to change",
        found: "samples of \(shape)")
    }
  }

  /// The samples of an epoch under these settings, which suit their shape
  /// (``check(_:_:)``); partners for mixtures are among `training`.
  package init(
    _ base: any SampleSource, settings: TrainingSettings, training: [Int32], epoch: Int
  ) {
    self.base = base
    augmentation = settings.augmentation
    mixup =
      settings.mixup > 0
      ? Mixup(alpha: settings.mixup, partners: training, seed: settings.seed, epoch: epoch) : nil
    seed = settings.seed
    self.epoch = epoch
    let shape = base.sampleShape
    require(
      augmentation.isIdentity || shape.rank == 3,
      "changing images takes samples of 3 axes, not \(shape.rank)")
    changeCount =
      augmentation.isIdentity
      ? 0
      : ImageChange.Scratch.count(
        height: shape[0], width: shape[1], channels: shape[2], augmentation)
    partnerCount = mixup == nil ? 0 : shape.count
    scratchCount = changeCount + partnerCount + base.scratchCount
  }

  /// The number of samples.
  package var count: Int { base.count }
  /// The shape of one sample.
  package var sampleShape: Shape { base.sampleShape }

  /// Writes the samples with these numbers, each of ``sampleShape``, with working memory allocated
  /// for this call. Overwrites `samples`.
  package func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, scratchCount)) {
      if let scratch = $0.baseAddress { copySamples(numbers, to: samples, scratch: scratch) }
    }
  }

  /// Does the same in the caller's memory. Overwrites `samples`, and the ``scratchCount``
  /// floats of `scratch`.
  package func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    copyChanged(numbers, of: 0, to: samples, scratch: scratch)
    guard let mixup else { return }
    let size = sampleShape.count
    let partner = scratch + changeCount
    for (i, number) in numbers.enumerated() {
      let mixture = mixup.mixture(of: number)
      withUnsafePointer(to: mixture.partner) {
        copyChanged(
          UnsafeBufferPointer(start: $0, count: 1), of: 1 + Int(number), to: partner,
          scratch: scratch)
      }
      mc_blend(size, 1 - mixture.share, partner, samples + i * size)
    }
  }

  /// Writes the labels. Overwrites `labels`.
  package func copyLabels(
    _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<UInt8>
  ) {
    base.copyLabels(numbers, to: labels)
  }

  /// Whether each sample is a mixture of two.
  package var mixes: Bool { mixup != nil }

  /// Writes the labels of the partners, and each sample's own share of its mixture.
  package func copyMixtures(
    _ numbers: UnsafeBufferPointer<Int32>, labels: UnsafeMutablePointer<UInt8>,
    shares: UnsafeMutablePointer<Float>
  ) {
    guard let mixup else { return }
    for (i, number) in numbers.enumerated() {
      let mixture = mixup.mixture(of: number)
      shares[i] = mixture.share
      withUnsafePointer(to: mixture.partner) {
        base.copyLabels(UnsafeBufferPointer(start: $0, count: 1), to: labels + i)
      }
    }
  }

  /// Fetches samples and changes each; `role` tells apart what the same sample is fetched for.
  private func copyChanged(
    _ numbers: UnsafeBufferPointer<Int32>, of role: Int, to samples: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    base.copySamples(numbers, to: samples, scratch: scratch + changeCount + partnerCount)
    guard !augmentation.isIdentity else { return }
    let shape = sampleShape
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let scratch = ImageChange.Scratch(
      scratch, height: height, width: width, channels: channels, augmentation)
    for (i, number) in numbers.enumerated() {
      var change = ImageChange(
        augmentation, height: height, width: width,
        random: CounterRandom(seed: seed, .augmentation, epoch, Int(number), role))
      change.apply(to: samples + i * shape.count, channels: channels, scratch: scratch)
    }
  }
}
