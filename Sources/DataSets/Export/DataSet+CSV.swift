import Files
import ImageData

extension ImageSet {
  /// A row of names, then one for each image. The columns have Kaggle's names; where the size does not
  /// follow from the number of values, the last one states it.
  ///
  /// - Throws: a `FileError` where an image has more values than a row is read with.
  func csv() throws(FileError) -> [UInt8] {
    // Then the number of values states the size.
    let isPlain =
      ImageForm().resolved(values: pixelsPerImage).map { $0 == (height, width, channels) } ?? false
    var bytes = Array((labels == nil ? "" : "label,").utf8)
    for pixel in 0..<pixelsPerImage {
      bytes += (isPlain ? "pixel\(pixel)" : placeName(pixel)).utf8
      bytes.append(UInt8(ascii: ","))
      guard bytes.count <= CSVImages.longestRow else {
        throw FileError(
          .invalid, file: imageFile, place: "size",
          expected: "images whose names of columns take at most \(CSVImages.longestRow) bytes",
          found: "\(height)×\(width)×\(channels)")
      }
    }
    bytes[bytes.count - 1] = UInt8(ascii: "\n")
    // As one text for each value: formatting each number anew would take most of the time.
    let texts = (0...255).map { Array(String($0).utf8) }
    let comma = UInt8(ascii: ",")
    for number in 0..<count {
      withImage(number) { image in
        if let labels {
          bytes += texts[Int(labels[number])]
          bytes.append(comma)
        }
        for pixel in image {
          bytes += texts[Int(pixel)]
          bytes.append(comma)
        }
      }
      bytes[bytes.count - 1] = UInt8(ascii: "\n")
    }
    return bytes
  }

  /// The row and column of a value's pixel and its channel, counted from 1.
  private func placeName(_ pixel: Int) -> String {
    let place = pixel / channels
    let name = "\(place / width + 1)x\(place % width + 1)"
    return channels == 1 ? name : "\(name)x\(pixel % channels + 1)"
  }
}
