#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a page carries that is no text.
enum Base64 {
  static func text(of bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  /// The floats, little-endian.
  static func text(of floats: [Float]) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * floats.count)
    for value in floats {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return text(of: bytes)
  }
}

/// What a page's script reads.
enum PageData {
  /// The JSON of a value, its keys in order.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
