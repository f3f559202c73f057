/// Why bytes are no message of Protocol Buffers, or not the one that was expected.
package struct ProtobufError: Error, Equatable {
  /// Where, in bytes from the beginning of the file.
  package let offset: Int
  /// What should have been there.
  package let expected: String
  /// What was there instead.
  package let found: String

  /// An error at some byte.
  package init(at offset: Int, expected: String, found: String) {
    (self.offset, self.expected, self.found) = (offset, expected, found)
  }
}

extension ProtobufError: CustomStringConvertible {
  /// One line: `byte 12: expected a varint, found the end of the message`.
  package var description: String { "byte \(offset): expected \(expected), found \(found)" }
}
