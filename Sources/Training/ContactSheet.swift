import ImageData
import NeuralNetwork

/// Training images as a network sees them: a row for each image, which stands first as it is, then
/// as it is in one epoch after the other.
public enum ContactSheet {
  /// Draws a sheet of samples whose values are 0 to 1, with one channel or three.
  ///
  /// - Parameters:
  ///   - numbers: the samples, a row each.
  ///   - epochs: how many epochs are shown, from the first.
  ///   - magnification: the pixels along each edge that one pixel takes.
  public static func draw(
    _ source: some SampleSource, _ numbers: [Int32], settings: TrainingSettings, epochs: Int,
    magnification: Int
  ) -> PNGImage {
    let shape = source.sampleShape
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let gap = magnification
    var sheet = PNGImage(
      height: numbers.count * (height * magnification + gap) + gap,
      width: (epochs + 1) * (width * magnification + gap) + gap, channels: channels, shade: 96)
    var values = [Float](repeating: 0, count: shape.count)
    let training = (0..<Int32(source.count)).map { $0 }
    for column in 0...epochs {
      let seen: any SampleSource =
        column == 0
        ? source
        : AugmentedSamples(source, settings: settings, training: training, epoch: column - 1)
      for (row, number) in numbers.enumerated() {
        values.withUnsafeMutableBufferPointer { target in
          withUnsafePointer(to: number) {
            if let target = target.baseAddress {
              seen.copySamples(UnsafeBufferPointer(start: $0, count: 1), to: target)
            }
          }
        }
        let top = row * (height * magnification + gap) + gap
        let left = column * (width * magnification + gap) + gap
        for y in 0..<height * magnification {
          for x in 0..<width * magnification {
            let pixel = (y / magnification * width + x / magnification) * channels
            let place = ((top + y) * sheet.width + left + x) * channels
            for k in 0..<channels {
              let value = min(max(values[pixel + k], 0), 1)
              sheet.pixels[place + k] = UInt8((value * 255).rounded())
            }
          }
        }
      }
    }
    return sheet
  }
}
