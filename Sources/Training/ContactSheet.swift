import ImageData
import NeuralNetwork
import Platform

/// Training images as a network sees them: a row for each image, first unchanged, then as it is in
/// one epoch after the other.
public struct ContactSheet {
  /// Rows of pixels.
  package let height: Int
  /// Pixels of a row.
  package let width: Int
  /// The numbers of the samples, a row each: the first of those that train.
  package let samples: [Int32]

  /// The most pixels a sheet may have.
  package static let mostPixels = 1 << 26

  private let source: any SampleSource
  private let settings: TrainingSettings
  private let training: [Int32]
  private let epochs: Int
  private let magnification: Int

  /// Plans a sheet of samples `[height, width, channels]` whose values are 0 to 1, with one channel
  /// or three.
  ///
  /// - Parameters:
  ///   - rows: the most images.
  ///   - epochs: how many epochs are shown, from the first.
  ///   - magnification: the pixels along each edge that one pixel takes.
  /// - Throws: a ``SettingError`` where the settings leave no training samples.
  public init(
    _ source: some SampleSource, settings: TrainingSettings, rows: Int, epochs: Int,
    magnification: Int
  ) throws(SettingError) {
    let shape = source.sampleShape
    require(shape.rank == 3, "a sheet of samples of 3 axes, not \(shape.rank)")
    require(
      rows >= 1 && (0...1 << 31).contains(epochs) && (1...1 << 20).contains(magnification),
      "\(rows) rows, \(epochs) epochs, magnification \(magnification)")
    training = try SampleSplit(source, settings: settings).training
    samples = Array(training.prefix(rows))
    (self.source, self.settings) = (source, settings)
    (self.epochs, self.magnification) = (epochs, magnification)
    // A gap is as wide as a pixel of an image.
    height = (samples.count * (shape[0] + 1) + 1) * magnification
    width = ((epochs + 1) * (shape[1] + 1) + 1) * magnification
  }

  /// Whether the sheet has at most ``mostPixels``.
  package var isDrawable: Bool {
    let (pixels, isTooMany) = height.multipliedReportingOverflow(by: width)
    return !isTooMany && pixels <= Self.mostPixels
  }

  /// Draws the sheet, which is not too large.
  public func draw() -> PNGImage {
    require(isDrawable, "\(height) by \(width) pixels; expected at most \(Self.mostPixels)")
    let shape = source.sampleShape
    var sheet = PNGImage(height: height, width: width, channels: shape[2], shade: 96)
    var values = [Float](repeating: 0, count: shape.count)
    for column in 0...epochs {
      let seen: any SampleSource =
        column == 0
        ? source
        : AugmentedSamples(source, settings: settings, training: training, epoch: column - 1)
      for (row, number) in samples.enumerated() {
        values.withUnsafeMutableBufferPointer { target in
          withUnsafePointer(to: number) {
            if let target = target.baseAddress {
              seen.copySamples(UnsafeBufferPointer(start: $0, count: 1), to: target)
            }
          }
        }
        draw(values, row: row, column: column, on: &sheet)
      }
    }
    return sheet
  }

  private func draw(_ values: [Float], row: Int, column: Int, on sheet: inout PNGImage) {
    let shape = source.sampleShape
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let top = (row * (height + 1) + 1) * magnification
    let left = (column * (width + 1) + 1) * magnification
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
