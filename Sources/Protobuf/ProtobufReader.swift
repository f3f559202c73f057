/// The fields of a message of Protocol Buffers, one after the other, from bytes that may be anything.
///
/// It knows no schema: what a field means, and how deep messages may be inside messages, is for the caller to say,
/// who makes a reader for each (``ProtobufField/message()``). Nothing is copied. Groups, which no format of
/// today has, are refused.
package struct ProtobufReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  /// A message in these bytes, which are numbered as the array that they are a part of.
  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// A message that is a whole file.
  package init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  /// The next field; `nil` at the end of the message.
  ///
  /// - Throws: where the bytes are no message.
  package mutating func next() throws(ProtobufError) -> ProtobufField? {
    guard position < bytes.endIndex else { return nil }
    let start = position
    let key = try varint()
    guard let number = Int(exactly: key >> 3), (1...ProtobufField.largestNumber).contains(number)
    else {
      throw ProtobufError(
        at: start, expected: "the number of a field, 1 to \(ProtobufField.largestNumber)",
        found: "\(key >> 3)")
    }
    guard let type = WireType(rawValue: UInt8(key & 7)) else {
      throw ProtobufError(
        at: start, expected: "wire type 0, 1, 2 or 5 in field \(number)", found: "\(key & 7)")
    }
    let value: ProtobufField.Value =
      switch type {
      case .varint: .varint(try varint())
      case .fixed32: .fixed32(UInt32(truncatingIfNeeded: try fixed(4)))
      case .fixed64: .fixed64(try fixed(8))
      case .lengthDelimited: .bytes(try take(try varint()))
      }
    return ProtobufField(number: number, value: value, offset: start)
  }

  /// The next of numbers that are packed in these bytes; `nil` at their end.
  mutating func nextPacked() throws(ProtobufError) -> UInt64? {
    position < bytes.endIndex ? try varint() : nil
  }

  /// A number of up to 64 bits in at most ten bytes.
  private mutating func varint() throws(ProtobufError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    for shift in stride(from: 0, through: 63, by: 7) {
      guard position < bytes.endIndex else {
        throw ProtobufError(at: start, expected: "a varint", found: "the end of the message")
      }
      let byte = bytes[position]
      position += 1
      guard shift < 63 || byte <= 1 else { break }
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw ProtobufError(at: start, expected: "a varint of at most 64 bits", found: "more")
  }

  /// A little-endian number.
  private mutating func fixed(_ count: UInt64) throws(ProtobufError) -> UInt64 {
    try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func take(_ count: UInt64) throws(ProtobufError) -> ArraySlice<UInt8> {
    let left = bytes.endIndex - position
    guard count <= UInt64(left), let length = Int(exactly: count) else {
      throw ProtobufError(
        at: position, expected: "\(count) bytes up to the end of the field", found: "\(left)")
    }
    defer { position += length }
    return bytes[position..<position + length]
  }
}
