import ImageData
import NeuralNetwork
import TestSupport

@testable import Training

/// Images to be changed, and what becomes of them.
enum ChangedImages {
  /// Eight images of 12×10, none of them symmetric.
  static func images(channels: Int = 1) throws -> ImageSet {
    var random = SplitMix64(state: 4)
    let pixels = (0..<8 * 120 * channels).map { _ in UInt8.random(in: 1...255, using: &random) }
    return try ImageSet(
      pixels: pixels, labels: (0..<8).map { UInt8($0 % 3) }, height: 12, width: 10,
      channels: channels)
  }

  static func settings(_ text: String, mixup: Float = 0) throws -> TrainingSettings {
    var settings = TrainingSettings()
    settings.augmentation = try Augmentation(text)
    settings.mixup = mixup
    settings.seed = 3
    return settings
  }

  static func values(_ source: some SampleSource, _ number: Int32) -> [Float] {
    var values = [Float](repeating: 9, count: source.sampleShape.count)
    withUnsafePointer(to: number) { number in
      values.withUnsafeMutableBufferPointer { target in
        guard let target = target.baseAddress else { return }
        source.copySamples(UnsafeBufferPointer(start: number, count: 1), to: target)
      }
    }
    return values
  }

  /// One of ``images(channels:)`` in an epoch.
  static func changed(
    _ text: String, _ number: Int32, epoch: Int = 0, channels: Int = 1
  ) throws -> [Float] {
    let images = try images(channels: channels)
    return values(
      AugmentedSamples(images, settings: try settings(text), training: [], epoch: epoch), number)
  }

  /// An image of one channel changed in place.
  static func apply(
    _ augmentation: Augmentation, to image: inout [Float], height: Int, width: Int, draw: Int
  ) {
    let random = CounterRandom(seed: 2, .test, draw)
    var change = ImageChange(augmentation, height: height, width: width, random: random)
    let floats = ImageChange.Scratch.count(
      height: height, width: width, channels: 1, augmentation)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: floats) { memory in
      guard let base = memory.baseAddress else { return }
      let scratch = ImageChange.Scratch(
        base, height: height, width: width, channels: 1, augmentation)
      image.withUnsafeMutableBufferPointer {
        if let target = $0.baseAddress { change.apply(to: target, channels: 1, scratch: scratch) }
      }
    }
  }
}
