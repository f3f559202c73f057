import Pictures
import Platform

/// Rows and columns of images.
public struct PictureSize: Equatable, Sendable {
  /// Rows of pixels.
  public let height: Int
  /// Pixels of a row.
  public let width: Int

  /// A size of 1 to 4096 pixels each way.
  public init(height: Int, width: Int) {
    require(
      (1...4096).contains(height) && (1...4096).contains(width),
      "a size of \(height) x \(width); expected 1 to 4096 each way")
    (self.height, self.width) = (height, width)
  }

  /// Reads "28x28": rows, then pixels of a row; `nil` where it is none.
  public init?(_ text: String) {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    guard parts.count == 2, let height = Int(parts[0]), let width = Int(parts[1]),
      (1...4096).contains(height), (1...4096).contains(width)
    else { return nil }
    self.init(height: height, width: width)
  }
}

extension Picture {
  /// The picture in another size: each pixel is the mean of the area it covers. The aspect is not kept.
  func scaled(to size: PictureSize) -> Picture {
    guard size != PictureSize(height: height, width: width) else { return self }
    let columns = Self.spans(width, to: size.width), rows = Self.spans(height, to: size.height)
    var narrow = [Double](repeating: 0, count: height * size.width * channels)
    for row in 0..<height {
      for (column, span) in columns.enumerated() {
        for (place, weight) in span {
          for channel in 0..<channels {
            narrow[(row * size.width + column) * channels + channel] +=
              weight * Double(pixels[(row * width + place) * channels + channel])
          }
        }
      }
    }
    let stride = size.width * channels
    var scaled = [UInt8](repeating: 0, count: size.height * stride)
    for (row, span) in rows.enumerated() {
      for column in 0..<stride {
        let sum = span.reduce(0) { $0 + $1.weight * narrow[$1.place * stride + column] }
        scaled[row * stride + column] = UInt8(min(max(sum.rounded(), 0), 255))
      }
    }
    return Picture(height: size.height, width: size.width, channels: channels, pixels: scaled)
  }

  /// For each of `target` pixels the pixels of `source` it covers, with their shares of it.
  private static func spans(
    _ source: Int, to target: Int
  ) -> [[(place: Int, weight: Double)]] {
    let ratio = Double(source) / Double(target)
    return (0..<target).map { index in
      let (start, end) = (Double(index) * ratio, Double(index + 1) * ratio)
      return (Int(start)..<min(source, Int(end.rounded(.up)))).compactMap { place in
        let share = min(end, Double(place + 1)) - max(start, Double(place))
        return share > 0 ? (place, share / ratio) : nil
      }
    }
  }

  /// The picture in grey, by the luma of ITU-R BT.601.
  var inGrey: Picture {
    guard channels == 3 else { return self }
    let grey = stride(from: 0, to: pixels.count, by: 3).map { start in
      let (red, green, blue) = (
        Int(pixels[start]), Int(pixels[start + 1]), Int(pixels[start + 2])
      )
      return UInt8((299 * red + 587 * green + 114 * blue + 500) / 1000)
    }
    return Picture(height: height, width: width, channels: 1, pixels: grey)
  }

  /// The pixels in three channels.
  var colours: [UInt8] { channels == 3 ? pixels : pixels.flatMap { [$0, $0, $0] } }
}
