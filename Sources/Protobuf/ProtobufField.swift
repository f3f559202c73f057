/// A field of a message of Protocol Buffers, as ``ProtobufReader`` finds it.
///
/// Which type it has the file does not say: each of the methods takes it for one, and throws where it cannot be that.
package struct ProtobufField {
  /// What follows the field's number, by its wire type.
  package enum Value {
    case varint(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  /// The largest number that a field can have.
  package static let largestNumber = 1 << 29 - 1

  /// The field's number.
  package let number: Int
  /// Its value.
  package let value: Value
  /// Where it begins, in bytes from the beginning of the file.
  package let offset: Int

  /// A `bytes`.
  package func bytes() throws(ProtobufError) -> ArraySlice<UInt8> {
    guard case .bytes(let bytes) = value else { throw wrong("bytes") }
    return bytes
  }

  /// A message.
  package func message() throws(ProtobufError) -> ProtobufReader { ProtobufReader(try bytes()) }

  /// A `string`, whose UTF-8 is checked.
  package func string() throws(ProtobufError) -> String {
    guard let text = String(validating: try bytes(), as: UTF8.self) else {
      throw ProtobufError(at: offset, expected: "UTF-8 in field \(number)", found: "other bytes")
    }
    return text
  }

  /// An `int64`, or an `int32` that was written as one.
  package func int() throws(ProtobufError) -> Int64 {
    guard case .varint(let value) = value else { throw wrong("an integer") }
    return Int64(bitPattern: value)
  }

  /// A `float`.
  package func float() throws(ProtobufError) -> Float {
    guard case .fixed32(let bits) = value else { throw wrong("a float") }
    return Float(bitPattern: bits)
  }

  /// A `double`.
  package func double() throws(ProtobufError) -> Double {
    guard case .fixed64(let bits) = value else { throw wrong("a double") }
    return Double(bitPattern: bits)
  }

  /// Those of a `repeated int64` that this field holds: many where they are packed, or one.
  package func ints() throws(ProtobufError) -> [Int64] {
    guard case .bytes(let packed) = value else { return [try int()] }
    var values: [Int64] = []
    var reader = ProtobufReader(packed)
    while let value = try reader.nextPacked() { values.append(Int64(bitPattern: value)) }
    return values
  }

  /// Those of a `repeated float` that this field holds: many where they are packed, or one.
  package func floats() throws(ProtobufError) -> [Float] {
    guard case .bytes(let packed) = value else { return [try float()] }
    guard packed.count % 4 == 0 else {
      throw ProtobufError(
        at: offset, expected: "four bytes for each float of field \(number)",
        found: "\(packed.count) bytes")
    }
    return [Float](littleEndian: packed)
  }

  private func wrong(_ expected: String) -> ProtobufError {
    let found =
      switch value {
      case .varint: "a varint"
      case .fixed32: "32 bits"
      case .fixed64: "64 bits"
      case .bytes: "bytes"
      }
    return ProtobufError(at: offset, expected: "\(expected) in field \(number)", found: found)
  }
}

extension [Float] {
  /// Numbers of four bytes each, the lowest first; bytes after the last whole one are left out.
  package init(littleEndian bytes: ArraySlice<UInt8>) {
    self = bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count / 4 * 4, by: 4).map {
        Float(
          bitPattern: UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
      }
    }
  }

  /// The four bytes of each number, the lowest first.
  package var littleEndian: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * 4)
    for value in self {
      Swift.withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes
  }
}

/// How a field's value is laid out in a message: the low three bits of what precedes it.
package enum WireType: UInt8 {
  case varint = 0
  case fixed64 = 1
  case lengthDelimited = 2
  case fixed32 = 5
}
