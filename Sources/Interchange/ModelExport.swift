import Files
import ImageData
import NeuralNetwork

/// A model in a format of other programs: its files, and how what they compute was checked.
public struct ModelExport: Sendable {
  /// Whether the files were read back and compared.
  public enum Verification: Sendable, Equatable {
    /// They were.
    case done(ExportCheck)
    /// They were not, for want of this.
    case missing(String)
    /// Nobody asked.
    case skipped
  }

  /// The files: the one that was named first, then those beside it.
  public let files: [ExportedFile]
  /// What to know of them beforehand, in lines.
  public let remarks: [String]
  /// How they were checked.
  public let verification: Verification

  /// Makes the files, reads them back and compares what they compute with the network.
  ///
  /// - Parameters:
  ///   - path: the file to write, which is not touched here.
  ///   - images: images for the comparison and, the first of them, for the proof; as many as `count` are used.
  ///   - verifies: whether the files are compared.
  /// - Throws: a `ModelError` that names the first layer the format cannot state, a ``NumericFault`` where the model
  ///   has weights or gives outputs that are not finite, a `FileError` where the files do not compute what
  ///   the network does.
  public init(
    _ model: TrainedModel, as format: some ExportFormat, to path: String,
    checkedOn images: ImageSet,
    count: Int = 100, verifies: Bool = true
  ) throws {
    let images = try images.bytes(count: count)
    let numbers = (0..<Int32(images.count)).map { $0 }
    let exported = try ExportedModel(model, image: images.withImage(0) { Array($0) })
    files = try format.files(of: exported, at: path)
    remarks = try format.remarks(on: exported)
    guard verifies else {
      verification = .skipped
      return
    }
    let expected = try format.expectedScores(of: exported, images, numbers)
    switch try format.scores(files, of: exported, images, numbers) {
    case .missing(let what): verification = .missing(what)
    case .scores(let found):
      let check = ExportCheck(found, expected: expected)
      guard check.largestDifference <= format.tolerance else {
        throw FileError(
          .invalid, file: path, place: "image \(check.worstImage)",
          expected: "the outputs of \(exported.name), within \(format.tolerance)",
          found: "others, by \(check.largestDifference)",
          hint: "this is an error of minicnn; nothing was written")
      }
      verification = .done(check)
    }
  }

  /// Writes the files, each of which is the old one or the new one, never a part: those beside the first one
  /// before it.
  public func write() throws(FileError) {
    for file in files.reversed() { try AtomicFile.write(file.bytes, to: file.path) }
  }
}

extension ImageSet {
  /// The first images, as bytes.
  fileprivate func bytes(count: Int) throws(FileError) -> ImageSet {
    let size = height * width * channels, count = min(count, self.count)
    var pixels = [UInt8](repeating: 0, count: count * size)
    pixels.withUnsafeMutableBufferPointer { pixels in
      guard let start = pixels.baseAddress else { return }
      for image in 0..<count { copyPixels(of: image, into: start + image * size) }
    }
    return try ImageSet(
      pixels: pixels, height: height, width: width, channels: channels, name: imageFile)
  }
}
