import Files

/// Reads PGM and PPM: P2 and P3, whose numbers are text, and P5 and P6, whose numbers are bytes.
///
/// What follows the picture's pixels is not looked at: a file may hold several pictures, and the first
/// is read.
struct NetpbmReader {
  private let bytes: [UInt8]
  private let name: String
  private var at = 2

  static func picture(_ bytes: [UInt8], name: String) throws(FileError) -> Picture {
    var reader = NetpbmReader(bytes: bytes, name: name)
    return try reader.read()
  }

  private init(bytes: [UInt8], name: String) { (self.bytes, self.name) = (bytes, name) }

  private mutating func read() throws(FileError) -> Picture {
    let type = bytes[1]
    let channels = type == UInt8(ascii: "3") || type == UInt8(ascii: "6") ? 3 : 1
    let width = try number("width", in: 1...Int(UInt32.max))
    let height = try number("height", in: 1...Int(UInt32.max))
    let (most, overflow) = width.multipliedReportingOverflow(by: height)
    guard width <= Picture.longestEdge, height <= Picture.longestEdge, !overflow,
      most <= Picture.mostPixels
    else { throw .tooLarge(height: height, width: width, file: name) }
    let brightest = try number("brightest value", in: 1...65_535)
    let count = height * width * channels
    let isText = type == UInt8(ascii: "2") || type == UInt8(ascii: "3")
    let pixels =
      isText ? try textPixels(count, brightest) : try binaryPixels(count, brightest)
    return Picture(height: height, width: width, channels: channels, pixels: pixels)
  }

  private func damaged(
    _ place: String, expected: String, found: String, hint: String? = nil
  ) -> FileError {
    FileError(.invalid, file: name, place: place, expected: expected, found: found, hint: hint)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  /// Goes past white space, and comments from a # to the end of their line.
  private mutating func skipSpace() {
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "#") {
        while at < bytes.count, bytes[at] != 10, bytes[at] != 13 { at += 1 }
      } else if Self.isSpace(bytes[at]) {
        at += 1
      } else {
        return
      }
    }
  }

  /// The next number, which is decimal.
  private mutating func number(
    _ place: @autoclosure () -> String, in range: ClosedRange<Int>
  ) throws(FileError) -> Int {
    let start = at
    skipSpace()
    guard at < bytes.count else {
      throw damaged(
        place(), expected: "a number", found: "the end of the file",
        hint: "the file is cut short")
    }
    let first = at
    var value = 0
    while at < bytes.count, at - first < 10, (48...57).contains(bytes[at]) {
      value = value * 10 + Int(bytes[at] - 48)
      at += 1
    }
    let isWhole = at == bytes.count || Self.isSpace(bytes[at]) || bytes[at] == UInt8(ascii: "#")
    guard first > start, at > first, isWhole else {
      let text = bytes[first...].prefix(12).prefix { !Self.isSpace($0) }
      throw damaged(
        place(), expected: "a number after white space",
        found: String(decoding: text, as: UTF8.self).debugDescription)
    }
    guard range.contains(value) else {
      throw damaged(
        place(), expected: "\(range.lowerBound) to \(range.upperBound)", found: "\(value)")
    }
    return value
  }

  private mutating func textPixels(
    _ count: Int, _ brightest: Int
  ) throws(FileError) -> [UInt8] {
    // A number takes two bytes at least, but for the last.
    try check(count, atLeast: 2 * count - 1, left: bytes.count - at)
    var pixels = [UInt8](repeating: 0, count: count)
    for i in 0..<count {
      let value = try number("value \(i) of \(count)", in: 0...brightest)
      pixels[i] = Self.scaled(value, brightest)
    }
    return pixels
  }

  /// One character of white space separates the header from the bytes.
  private mutating func binaryPixels(
    _ count: Int, _ brightest: Int
  ) throws(FileError) -> [UInt8] {
    let size = brightest < 256 ? 1 : 2
    guard at == bytes.count || Self.isSpace(bytes[at]) else {
      throw damaged("pixels", expected: "white space before them", found: "a comment")
    }
    let start = at + 1
    try check(count, atLeast: count * size, left: bytes.count - start)
    var pixels = [UInt8](repeating: 0, count: count)
    for i in 0..<count {
      let place = start + i * size
      let value = size == 1 ? Int(bytes[place]) : Int(bytes[place]) << 8 | Int(bytes[place + 1])
      guard value <= brightest else {
        throw damaged(
          "value \(i) of \(count)", expected: "0 to \(brightest)", found: "\(value)")
      }
      pixels[i] = Self.scaled(value, brightest)
    }
    return pixels
  }

  /// Throws where there are fewer bytes than so many values take, before memory is set aside for them.
  private func check(_ count: Int, atLeast least: Int, left: Int) throws(FileError) {
    guard left >= least else {
      throw damaged(
        "pixels", expected: "at least \(least) bytes for \(count) values",
        found: "\(max(left, 0))", hint: "the file is cut short")
    }
  }

  private static func scaled(_ value: Int, _ brightest: Int) -> UInt8 {
    UInt8((value * 255 + brightest / 2) / brightest)
  }
}
