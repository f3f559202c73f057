import CPNG
import Files
import Platform

/// A picture of bytes, one or three channels, for people to look at.
public struct PNGImage: Sendable {
  /// Rows of pixels.
  public let height: Int
  /// Pixels of a row.
  public let width: Int
  /// 1 for grey, 3 for red, green and blue.
  public let channels: Int
  /// `[height, width, channels]`, 0 black.
  public var pixels: [UInt8]

  /// A picture of one shade.
  public init(height: Int, width: Int, channels: Int, shade: UInt8) {
    require(
      height >= 1 && width >= 1 && (channels == 1 || channels == 3),
      "a picture of \(height) x \(width) x \(channels); expected at least 1 x 1 and 1 or 3 channels"
    )
    (self.height, self.width, self.channels) = (height, width, channels)
    pixels = [UInt8](repeating: shade, count: height * width * channels)
  }

  /// Writes a PNG file; the file at `path` is the old one or the new one, never a part.
  public func save(to path: String) throws(FileError) {
    try AtomicFile.write(try encoded(path), to: path)
  }

  /// The bytes of the file; messages call it by its path.
  package func encoded(_ path: String) throws(FileError) -> [UInt8] {
    require(
      pixels.count == height * width * channels,
      "\(pixels.count) bytes for a picture of \(height) x \(width) x \(channels)")
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(width)
    image.height = png_uint_32(height)
    image.format = channels == 3 ? png_uint_32(PNG_FORMAT_FLAG_COLOR) : 0
    defer { png_image_free(&image) }
    var size: png_alloc_size_t = 0
    guard png_image_write_to_memory(&image, nil, &size, 0, pixels, 0, nil) != 0 else {
      throw FileError(.invalid, file: path, found: "a picture that libpng cannot encode")
    }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    guard png_image_write_to_memory(&image, &bytes, &size, 0, pixels, 0, nil) != 0 else {
      throw FileError(.invalid, file: path, found: "a picture that libpng cannot encode")
    }
    return Array(bytes.prefix(Int(size)))
  }
}
