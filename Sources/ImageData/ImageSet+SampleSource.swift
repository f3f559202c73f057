import CKernels
import NeuralNetwork
import Platform

extension ImageSet: SampleSource {
  /// Height, width, channels.
  public var sampleShape: Shape { [height, width, channels] }
  /// Classes, where the set has labels, or numbers, where its label file has floats.
  public var targets: TargetKind {
    if let targetShape { return .values(targetShape) }
    return labels == nil ? .none : .classes
  }

  /// Writes images as floats: byte / 255, 16-bit integer / 32767, floats as they are. Overwrites
  /// `samples` `[numbers, height, width, channels]`.
  ///
  /// Allocates nothing; threads may fill different parts of one batch at the same time.
  public func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
  ) {
    let size = pixelsPerImage
    withExtendedLifetime(self) {
      guard let source = pixels.baseAddress else { return }
      for (i, number) in numbers.enumerated() {
        require(number >= 0 && number < count, "image \(number) of \(count)")
        let image = source + Int(number) * size * element.size, target = samples + i * size
        switch element {
        case .byte:
          mc_bytes_to_floats(size, 1 / 255, 0, image.assumingMemoryBound(to: UInt8.self), target)
        case .short:
          for j in 0..<size {
            target[j] = Float(image.load(fromByteOffset: 2 * j, as: Int16.self)) / 32767
          }
        case .float: memcpy(target, image, 4 * size)
        }
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

  /// Writes the targets. Overwrites `targets`, `[numbers, outputs]`.
  public func copyTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>
  ) {
    guard let targetShape, let targetValues else {
      return copyOneHotTargets(numbers, outputs: outputs, to: targets)
    }
    require(outputs == targetShape.count, "\(outputs) outputs for targets of \(targetShape)")
    targetValues.withUnsafeBufferPointer { values in
      guard let start = values.baseAddress else { return }
      for (i, number) in numbers.enumerated() {
        require(number >= 0 && number < count, "target \(number) of \(count)")
        (targets + i * outputs).update(from: start + Int(number) * outputs, count: outputs)
      }
    }
  }
}
