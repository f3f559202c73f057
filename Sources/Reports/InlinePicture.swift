import Files
import ImageData

/// Pictures inside a page.
enum InlinePicture {
  /// The longest edge of an image in a list, in pixels: what is larger is made smaller.
  private static let largestEdge = 56

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

  /// One image of a set for a list, as grey where its channels are neither 1 nor 3; the mean of blocks of
  /// pixels where it is large.
  static func image(_ set: ImageSet, _ index: Int) -> PNGImage {
    let bytes = set.bytes(of: index), channels = set.channels == 3 ? 3 : 1
    let block = (max(set.height, set.width) + largestEdge - 1) / largestEdge
    var image = PNGImage(
      height: (set.height + block - 1) / block, width: (set.width + block - 1) / block,
      channels: channels, shade: 0)
    for place in image.pixels.indices {
      let pixel = place / channels
      let (top, left) = (pixel / image.width * block, pixel % image.width * block)
      var (sum, count) = (0, 0)
      for row in top..<min(top + block, set.height) {
        for column in left..<min(left + block, set.width) {
          let start = (row * set.width + column) * set.channels
          let own =
            channels == 3 ? start + place % 3..<start + place % 3 + 1 : start..<start + set.channels
          for value in bytes[own] { sum += Int(value) }
          count += own.count
        }
      }
      image.pixels[place] = UInt8((sum + count / 2) / count)
    }
    return image
  }
}

extension ImageSet {
  /// The pixels of one image as bytes, `[height, width, channels]`.
  package func bytes(of index: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: height * width * channels) { buffer, count in
      count = buffer.count
      if let target = buffer.baseAddress { copyPixels(of: index, into: target) }
    }
  }
}
