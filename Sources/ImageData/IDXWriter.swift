import Files
import Platform

/// Writes uncompressed IDX files, for data that comes from elsewhere.
///
/// A file appears under its name only when it is complete; one that was there is replaced.
public enum IDXWriter {
  /// Writes images.
  ///
  /// - Parameters:
  ///   - pixels: `[N, height, width, channels]`, read. One channel gives an idx3 file, more an idx4.
  ///   - path: the file; `…-images-idx3-ubyte` is the customary name.
  /// - Throws: a ``FileError`` when the system cannot write the file.
  public static func writeImages(
    _ pixels: [UInt8], height: Int, width: Int, channels: Int = 1, to path: String
  ) throws(FileError) {
    require(
      height > 0 && width > 0 && channels > 0,
      "images of \(height) x \(width) x \(channels); expected at least 1 x 1 x 1")
    let size = height * width * channels
    require(
      pixels.count.isMultiple(of: size),
      "\(pixels.count) pixels; expected a multiple of \(size)")
    var dimensions = [pixels.count / size, height, width]
    if channels > 1 { dimensions.append(channels) }
    try write(channels > 1 ? .images4D : .images3D, dimensions, pixels, to: path)
  }

  /// The bytes of a file of images, which are bytes.
  package static func encoded(_ images: ImageSet) -> [UInt8] {
    var dimensions = [images.count, images.height, images.width]
    if images.channels > 1 { dimensions.append(images.channels) }
    return images.withPixels { pixels in
      encoded(images.channels > 1 ? .images4D : .images3D, dimensions, pixels)
    }
  }

  /// The bytes of a file of labels, `[N]`.
  package static func encoded(labels: [UInt8]) -> [UInt8] {
    encoded(.labels, [labels.count], labels)
  }

  /// Writes labels, `[N]`, as an idx1 file; `…-labels-idx1-ubyte` is the customary name.
  ///
  /// - Throws: a ``FileError`` when the system cannot write the file.
  public static func writeLabels(_ labels: [UInt8], to path: String) throws(FileError) {
    try write(.labels, [labels.count], labels, to: path)
  }

  /// Writes 32-bit floats, `dimensions`, outermost first: images `[N, height, width]` or `[N, height,
  /// width, channels]`, or targets `[N]` or `[N, …]`.
  ///
  /// - Throws: a ``FileError`` when the system cannot write the file.
  public static func writeFloats(
    _ values: [Float], dimensions: [Int], to path: String
  ) throws(FileError) {
    require(
      (1...4).contains(dimensions.count) && dimensions.allSatisfy { $0 > 0 }
        && dimensions.reduce(1, *) == values.count,
      "\(values.count) floats for dimensions \(dimensions)")
    let content = values.flatMap { value in
      withUnsafeBytes(of: value.bitPattern.bigEndian) { Array($0) }
    }
    try write(IDXMagic(.float, rank: dimensions.count), dimensions, content, to: path)
  }

  private static func write(
    _ magic: IDXMagic, _ dimensions: [Int], _ content: [UInt8], to path: String
  ) throws(FileError) {
    try AtomicFile.write(encoded(magic, dimensions, content), to: path)
  }

  private static func encoded(
    _ magic: IDXMagic, _ dimensions: [Int], _ content: some Collection<UInt8>
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 + 4 * dimensions.count + content.count)
    for word in [Int(magic.number)] + dimensions {
      guard let word = UInt32(exactly: word) else {
        fatalError("a dimension of \(word); expected at most \(UInt32.max)")
      }
      withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }
    bytes.append(contentsOf: content)
    return bytes
  }
}
