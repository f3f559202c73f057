import CKernels
import NeuralNetwork
import Platform

extension ImageSet: SampleSource {
  /// Height, width, channels.
  public var sampleShape: Shape { [height, width, channels] }
  /// Classes, where the set has labels.
  public var targets: TargetKind { labels == nil ? .none : .classes }

  /// Writes images as floats, byte/255. Overwrites `samples` `[numbers, height, width, channels]`.
  ///
  /// Allocates nothing; threads may fill different parts of one batch at the same time.
  public func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
  ) {
    let size = pixelsPerImage
    withPixels { pixels in
      guard let source = pixels.baseAddress else { return }
      for (i, number) in numbers.enumerated() {
        require(number >= 0 && number < count, "image \(number) of \(count)")
        mc_bytes_to_floats(size, 1 / 255, 0, source + Int(number) * size, samples + i * size)
      }
    }
  }

  /// Writes labels, which the set must have. Overwrites `labels` `[numbers]`.
  public func copyLabels(
    _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>
  ) {
    guard let known = self.labels else { fatalError("\(imageFile) has no labels") }
    for (i, number) in numbers.enumerated() {
      require(number >= 0 && number < count, "label \(number) of \(count)")
      labels[i] = Int32(known[Int(number)])
    }
  }
}
