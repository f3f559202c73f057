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
  /// The number of floats that the change of an image takes, and that the partner in a mixture and its
  /// target take.
  private let changeCount: Int, partnerCount: Int, targetCount: Int
  /// The number of floats of working memory that the functions with `scratch` take.
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
  ///
  /// - Parameter outputs: how many the network has that they are for; 0 where no targets are asked
  ///   for.
  package init(
    _ base: any SampleSource, settings: TrainingSettings, training: [Int32], epoch: Int,
    outputs: Int = 0
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
    targetCount = mixup == nil ? 0 : outputs
    scratchCount = max(changeCount + partnerCount, targetCount) + base.scratchCount
  }

  /// The number of samples.
  package var count: Int { base.count }
  /// The shape of one sample.
  package var sampleShape: Shape { base.sampleShape }
  /// What the samples' targets are.
  package var targets: TargetKind { base.targets }

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

  /// Writes the classes of the samples' larger parts. Overwrites `labels`.
  package func copyLabels(
    _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>
  ) {
    base.copyLabels(numbers, to: labels)
  }

  /// Writes the targets, with working memory allocated for this call. Overwrites `targets`,
  /// `[numbers, outputs]`.
  package func copyTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, scratchCount)) {
      guard let scratch = $0.baseAddress else { return }
      copyTargets(numbers, outputs: outputs, to: targets, scratch: scratch)
    }
  }

  /// Does the same in the caller's memory: targets are mixed in the samples' shares. Overwrites
  /// `targets`, and the ``scratchCount`` floats of `scratch`.
  package func copyTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    base.copyTargets(numbers, outputs: outputs, to: targets, scratch: scratch + targetCount)
    guard let mixup else { return }
    require(
      outputs == targetCount, "targets for \(outputs) outputs, made for \(targetCount)")
    for (i, number) in numbers.enumerated() {
      let mixture = mixup.mixture(of: number)
      withUnsafePointer(to: mixture.partner) {
        base.copyTargets(
          UnsafeBufferPointer(start: $0, count: 1), outputs: outputs, to: scratch,
          scratch: scratch + targetCount)
      }
      mc_blend(outputs, 1 - mixture.share, scratch, targets + i * outputs)
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
