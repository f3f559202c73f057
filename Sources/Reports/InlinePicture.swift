import Files
import ImageData

/// Pictures inside a page.
enum InlinePicture {
  /// An image element that holds the picture itself.
  static func element(
    _ image: PNGImage, alternative: String, classes: String
  ) throws(FileError) -> Markup {
    let source = "data:image/png;base64," + Base64.text(of: try image.encoded("picture"))
    return tag(
      "img",
      [
        "src": source, "alt": alternative, "class": classes, "width": "\(image.width)",
        "height": "\(image.height)",
      ])
  }

  /// One image of a set, whose channels are 1 or 3; the mean of them as grey otherwise.
  static func image(_ set: ImageSet, _ index: Int) -> PNGImage {
    let bytes = set.bytes(of: index), channels = set.channels
    let isColored = channels == 3
    var image = PNGImage(
      height: set.height, width: set.width, channels: isColored ? 3 : 1, shade: 0)
    if isColored || channels == 1 {
      image.pixels = bytes
    } else {
      for pixel in image.pixels.indices {
        let sum = bytes[pixel * channels..<(pixel + 1) * channels].reduce(0) { $0 + Int($1) }
        image.pixels[pixel] = UInt8(sum / channels)
      }
    }
    return image
  }
}
