import MiniCNN

/// Images in characters: two rows of pixels a line, the mean of their channels as five shades.
enum ImageDrawing {
  private static let shades: [Character] = [" ", "░", "▒", "▓", "█"]

  /// An image of `[height, width, channels]` bytes.
  static func of(_ pixels: [UInt8], height: Int, width: Int, channels: Int) -> String {
    func brightness(_ row: Int, _ column: Int) -> Int {
      guard row < height else { return 0 }
      let start = (row * width + column) * channels
      return pixels[start..<start + channels].reduce(0) { $0 + Int($1) } / channels
    }
    return stride(from: 0, to: height, by: 2).map { row in
      String(
        (0..<width).map { column in
          let mean = (brightness(row, column) + brightness(row + 1, column)) / 2
          return shades[min(mean * 5 / 256, 4)]
        })
    }.joined(separator: "\n")
  }

  /// An image of a set.
  static func of(_ index: Int, in set: ImageSet) -> String {
    var pixels = [UInt8](repeating: 0, count: set.pixelsPerImage)
    pixels.withUnsafeMutableBufferPointer { buffer in
      if let target = buffer.baseAddress { set.copyPixels(of: index, into: target) }
    }
    return of(pixels, height: set.height, width: set.width, channels: set.channels)
  }
}
