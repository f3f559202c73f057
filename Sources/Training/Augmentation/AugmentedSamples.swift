import CKernels
import NeuralNetwork
import Platform

/// The samples of one epoch as a network sees them in training: changed, and mixed with others, at
/// random, by whichever thread fetches them.
public final class AugmentedSamples: SampleSource {
  private let base: any SampleSource
  private let augmentation: Augmentation
  private let mixup: Mixup?
  private let seed: UInt64
  /// The epoch, counted from 0.
  let epoch: Int
  private let memory: ScratchMemory

  /// Whether samples are other than they are at hand under these settings.
  static func areNeeded(_ settings: TrainingSettings) -> Bool {
    !settings.augmentation.isIdentity || settings.mixup > 0
  }

  /// Throws where samples of a shape cannot be changed as the settings ask for.
  public static func check(_ shape: Shape, _ settings: TrainingSettings) throws(SettingError) {
    guard settings.augmentation.isIdentity || shape.rank == 3 else {
      throw SettingError(
        "augmentation", expected: "images (height×width×channels) to change",
        found: "samples of \(shape)")
    }
  }

  /// The samples of an epoch under these settings, which suit their shape
  /// (``check(_:_:)``); partners for mixtures are among `training`, and memory is made for `threads`
  /// that fetch at once.
  public init(
    _ base: any SampleSource, settings: TrainingSettings, training: [Int32], epoch: Int,
    threads: Int = 1
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
    let floats =
      augmentation.isIdentity
      ? 0
      : ImageChange.Scratch.count(
        height: shape[0], width: shape[1], channels: shape[2], augmentation)
    memory = ScratchMemory(
      count: max(floats, shape.count), borrowers: mixup == nil ? threads : 2 * threads)
  }

  /// The same in another epoch, in the same memory: only one of the two is fetched from at a time.
  init(_ other: AugmentedSamples, epoch: Int) {
    base = other.base
    augmentation = other.augmentation
    mixup = other.mixup.map {
      Mixup(alpha: $0.alpha, partners: $0.partners, seed: $0.seed, epoch: epoch)
    }
    seed = other.seed
    self.epoch = epoch
    memory = other.memory
  }

  /// The number of samples.
  public var count: Int { base.count }
  /// The shape of one sample.
  public var sampleShape: Shape { base.sampleShape }

  /// Writes the samples with these numbers, each of ``sampleShape``. Overwrites `samples`.
  public func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
  ) {
    copyChanged(numbers, of: 0, to: samples)
    guard let mixup else { return }
    let size = sampleShape.count
    memory.lend { partner in
      for (i, number) in numbers.enumerated() {
        let mixture = mixup.mixture(of: number)
        withUnsafePointer(to: mixture.partner) {
          copyChanged(UnsafeBufferPointer(start: $0, count: 1), of: 1 + Int(number), to: partner)
        }
        mc_blend(size, 1 - mixture.share, partner, samples + i * size)
      }
    }
  }

  /// Writes the labels. Overwrites `labels`.
  public func copyLabels(
    _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<UInt8>
  ) {
    base.copyLabels(numbers, to: labels)
  }

  /// Whether each sample is a mixture of two.
  public var mixes: Bool { mixup != nil }

  /// Writes the labels of the partners, and the share of each sample itself.
  public func copyMixtures(
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
    _ numbers: UnsafeBufferPointer<Int32>, of role: Int, to samples: UnsafeMutablePointer<Float>
  ) {
    base.copySamples(numbers, to: samples)
    guard !augmentation.isIdentity else { return }
    let shape = sampleShape
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    memory.lend { memory in
      let scratch = ImageChange.Scratch(
        memory, height: height, width: width, channels: channels, augmentation)
      for (i, number) in numbers.enumerated() {
        var change = ImageChange(
          augmentation, height: height, width: width,
          random: CounterRandom(seed: seed, .augmentation, epoch, Int(number), role))
        change.apply(to: samples + i * shape.count, channels: channels, scratch: scratch)
      }
    }
  }
}
