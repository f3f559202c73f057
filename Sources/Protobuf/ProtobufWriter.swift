/// A message of Protocol Buffers as it is written, field after field.
///
/// Fields stand in the order of the calls, and all of them are written, zeros too: the same calls give the same
/// bytes. A message inside a message costs one copy of its bytes. Field numbers are from 1 to 2²⁹ − 1.
///
/// The format: <https://protobuf.dev/programming-guides/encoding/>.
package struct ProtobufWriter {
  /// What has been written so far.
  package private(set) var bytes: [UInt8] = []

  /// An empty message.
  package init() {}

  // MARK: Numbers

  /// Writes a `uint64`, a `uint32` or the number of an `enum`'s case that is not negative.
  package mutating func varint(_ field: Int, _ value: UInt64) {
    key(field, .varint)
    append(varint: value)
  }

  /// Writes an `int64` or `int32`, in ten bytes where it is negative.
  package mutating func int(_ field: Int, _ value: Int64) {
    varint(field, UInt64(bitPattern: value))
  }

  /// Writes a `bool`.
  package mutating func bool(_ field: Int, _ value: Bool) { varint(field, value ? 1 : 0) }

  /// Writes a `float`.
  package mutating func float(_ field: Int, _ value: Float) { fixed32(field, value.bitPattern) }

  /// Writes a `double`.
  package mutating func double(_ field: Int, _ value: Double) { fixed64(field, value.bitPattern) }

  /// Writes a `fixed32`.
  package mutating func fixed32(_ field: Int, _ value: UInt32) {
    key(field, .fixed32)
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Writes a `fixed64`.
  package mutating func fixed64(_ field: Int, _ value: UInt64) {
    key(field, .fixed64)
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  // MARK: Arrays of bytes

  /// Writes `bytes`.
  package mutating func bytes(_ field: Int, _ value: some Collection<UInt8>) {
    key(field, .lengthDelimited)
    append(varint: UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// Writes a `string`, in UTF-8.
  package mutating func string(_ field: Int, _ value: String) { bytes(field, value.utf8) }

  /// Writes a message inside this one, as `fields` writes it.
  package mutating func message(_ field: Int, _ fields: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    fields(&inner)
    bytes(field, inner.bytes)
  }

  // MARK: Packed numbers

  /// Writes a packed `repeated float`.
  package mutating func floats(_ field: Int, _ values: some Collection<Float>) {
    key(field, .lengthDelimited)
    append(varint: UInt64(values.count * 4))
    for value in values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
  }

  /// Writes a packed `repeated double`.
  package mutating func doubles(_ field: Int, _ values: some Collection<Double>) {
    key(field, .lengthDelimited)
    append(varint: UInt64(values.count * 8))
    for value in values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
  }

  /// Writes a packed `repeated int64` or `int32`.
  package mutating func ints(_ field: Int, _ values: some Collection<Int64>) {
    var inner = ProtobufWriter()
    for value in values { inner.append(varint: UInt64(bitPattern: value)) }
    bytes(field, inner.bytes)
  }

  // MARK: The wire

  private mutating func key(_ field: Int, _ type: WireType) {
    precondition((1...ProtobufField.largestNumber).contains(field), "field \(field)")
    append(varint: UInt64(field) << 3 | UInt64(type.rawValue))
  }

  /// Seven bits a byte, the lowest first; the eighth says that more follow.
  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
