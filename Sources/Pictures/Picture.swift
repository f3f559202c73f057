import Files
// What reading throws, for whoever imports this module alone.
@_exported import struct Files.FileError
import Platform

/// A picture from outside, a photograph say, in memory: grey or coloured bytes.
public struct Picture: Sendable, Equatable {
  /// The most pixels that a picture read from a file may have: 100 megapixels.
  public static let mostPixels = CodedPicture.mostPixels
  /// The most rows, and pixels of a row, that a picture read from a file may have.
  public static let longestEdge = CodedPicture.longestEdge

  /// Rows of pixels.
  public let height: Int
  /// Pixels of a row.
  public let width: Int
  /// 1 for grey, 3 for red, green and blue.
  public let channels: Int
  /// `[height, width, channels]`, row by row; 0 black, 255 white.
  public let pixels: [UInt8]

  /// A picture of pixels that are already in memory, `[height, width, channels]`.
  public init(height: Int, width: Int, channels: Int = 1, pixels: [UInt8]) {
    require(
      height >= 1 && width >= 1 && (channels == 1 || channels == 3)
        && pixels.count == height * width * channels,
      "\(pixels.count) bytes for a picture of \(height) x \(width) x \(channels); expected at least"
        + " 1 x 1, 1 or 3 channels, and a byte for each value")
    (self.height, self.width, self.channels, self.pixels) = (height, width, channels, pixels)
  }

  /// Reads a PNG, JPEG, PGM or PPM file; which it is, its first bytes say.
  ///
  /// A JPEG is turned upright, as its EXIF orientation says. 16 bits are scaled to 8. What is
  /// transparent becomes white, or black where it is most of the picture and the rest is light.
  /// PNG and JPEG are decoded in a confined process where the system has such (Linux), some 2 ms more
  /// than the decoding takes.
  ///
  /// - Throws: a ``FileError`` where the file is missing, damaged, of another format, or larger than
  ///   ``mostPixels``.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(decoding: try WholeFile.read(path, limit: Self.mostBytes), name: path)
  }

  /// Decodes the bytes of such a file, which messages call `name`.
  public init(decoding bytes: [UInt8], name: String) throws(FileError) {
    self = try Self.decode(bytes, name: name, isConfined: CodedPicture.canConfine)
  }

  /// Decodes in a separate process or in this one.
  package static func decode(
    _ bytes: [UInt8], name: String, isConfined: Bool
  ) throws(FileError) -> Picture {
    switch try PictureFormat(of: bytes, name: name) {
    case .png: try CodedPicture(bytes, .png, name: name, isConfined: isConfined).flattened()
    case .jpeg: try CodedPicture(bytes, .jpeg, name: name, isConfined: isConfined).flattened()
    case .netpbm: try NetpbmReader.picture(bytes, name: name)
    }
  }
}
