import Files
import ImageData
import NeuralNetwork

/// The images that experiments train and test on.
public struct LabData: Sendable {
  /// Those that networks learn from.
  public let training: ImageSet
  /// Those that none of them has seen.
  public let test: ImageSet
  /// The number of their classes.
  public let classes: Int

  /// Takes two sets of labelled images of one size.
  ///
  /// - Throws: a ``FileError`` where one has no labels or pixels that are no bytes, or they do not go
  ///   together.
  public init(training: ImageSet, test: ImageSet) throws(FileError) {
    let shapes = [training, test].map { Shape([$0.height, $0.width, $0.channels]) }
    guard shapes[0] == shapes[1] else {
      throw FileError(
        .invalid, file: test.imageFile,
        expected: "images of \(shapes[0]), as those to learn from are", found: "\(shapes[1])")
    }
    for set in [training, test] where !set.hasBytes {
      throw FileError(
        .invalid, file: set.imageFile, expected: "pixels that are bytes", found: "other numbers")
    }
    for set in [training, test] where set.labels == nil {
      throw FileError(
        .invalid, file: set.imageFile, expected: "images with labels", found: "none")
    }
    let most = (training.labels ?? []).max() ?? 0
    if let strange = (test.labels ?? []).first(where: { $0 > most }) {
      throw FileError(
        .invalid, file: test.labelFile ?? test.imageFile, place: "labels",
        expected: "the classes 0 to \(most) of the images to learn from", found: "\(strange)")
    }
    (self.training, self.test, classes) = (training, test, Int(most) + 1)
  }

  /// Reads both parts of a folder.
  public init(_ folder: DataFolder) throws(FileError) {
    try self.init(training: try folder.load(.train), test: try folder.load(.test))
  }

  /// The shape of an image.
  var shape: Shape { [training.height, training.width, training.channels] }
}

extension ImageSet {
  /// The same images moved by whole pixels; what comes in is black.
  func moved(down: Int, right: Int) throws(FileError) -> ImageSet {
    let (height, width, channels) = (height, width, channels)
    var pixels = [UInt8](repeating: 0, count: count * pixelsPerImage)
    var image = [UInt8](repeating: 0, count: pixelsPerImage)
    for number in 0..<count {
      copyPixels(of: number, into: &image)
      for row in max(0, down)..<max(max(0, down), min(height, height + down)) {
        for column in max(0, right)..<max(max(0, right), min(width, width + right)) {
          let to = ((number * height + row) * width + column) * channels
          let from = ((row - down) * width + column - right) * channels
          for channel in 0..<channels { pixels[to + channel] = image[from + channel] }
        }
      }
    }
    return try ImageSet(
      pixels: pixels, labels: labels, height: height, width: width, channels: channels,
      name: "\(imageFile) moved by \(down), \(right)")
  }
}
