internal import CHDF5
import Files

/// Builds an HDF5 file in memory, sealed, whose bytes depend on its content alone.
///
/// No time is stored, and the oldest format is used that holds the content, so that equal content
/// gives equal files and every reader of HDF5 can open them. Arrays are chunked, each chunk with a
/// Fletcher32 checksum.
package struct HDF5Writer: ~Copyable {
  private let writer: OpaquePointer
  /// The path the file will have, for messages.
  private let path: String

  /// Starts an empty file; `path` is what messages call it.
  package init(path: String) throws(FileError) {
    self.path = path
    var writer: OpaquePointer?
    var error = chdf5_error()
    guard chdf5_begin(SealedImage.blockSize, &writer, &error) == CHDF5_DONE, let writer else {
      throw FileError(error, .inputOutput, file: path)
    }
    self.writer = writer
  }

  deinit { chdf5_discard(writer) }

  private func check(
    _ call: (UnsafeMutablePointer<chdf5_error>) -> chdf5_code
  ) throws(FileError) {
    try FileError.check(.inputOutput, file: path, call)
  }

  /// Makes a group, and those above it that do not exist yet.
  package func createGroup(_ name: String) throws(FileError) {
    try check { chdf5_create_group(writer, name, $0) }
  }

  /// Writes an array of `shape`, outermost extent first; without extents, a single number.
  package func write<Element: HDF5Element>(
    _ values: UnsafeBufferPointer<Element>, shape: [Int], to name: String
  ) throws(FileError) {
    precondition(
      values.count == shape.reduce(1, *), "\(values.count) values for the shape \(shape)")
    let extents = shape.map { UInt64($0) }
    let type = Element.elementType.number
    try check {
      chdf5_write_numbers(
        writer, name, type, values.baseAddress, Int32(extents.count), extents, $0)
    }
  }

  /// Writes an array of `shape`, outermost extent first.
  package func write<Element: HDF5Element>(
    _ values: [Element], shape: [Int], to name: String
  ) throws(FileError) {
    try values.withUnsafeBufferPointer { (buffer) throws(FileError) in
      try write(buffer, shape: shape, to: name)
    }
  }

  /// Writes texts as an array of as many strings of one fixed length, in UTF-8.
  package func write(_ texts: [String], to name: String) throws(FileError) {
    guard !texts.contains(where: { $0.utf8.contains(0) }) else {
      throw FileError(
        .invalid, file: path, place: name,
        expected: "texts without the character U+0000, which HDF5 ends a text with",
        found: "one with it")
    }
    let length = max(1, texts.map(\.utf8.count).max() ?? 1)
    var bytes: [CChar] = []
    bytes.reserveCapacity(texts.count * length)
    for text in texts {
      bytes += text.utf8.lazy.map(CChar.init(bitPattern:))
      bytes += repeatElement(0, count: length - text.utf8.count)
    }
    try check { chdf5_write_texts(writer, name, bytes, texts.count, length, $0) }
  }

  /// Finishes the file and returns its bytes, preceded by the seal.
  package consuming func finish() throws(FileError) -> [UInt8] {
    var size = 0
    try check { chdf5_finish(writer, &size, $0) }
    var image = [UInt8](repeating: 0, count: SealedImage.blockSize + size)
    try check { error in
      image.withUnsafeMutableBytes { bytes in
        let content = UnsafeMutableRawBufferPointer(rebasing: bytes[SealedImage.blockSize...])
        return chdf5_copy(writer, content.baseAddress, size, error)
      }
    }
    SealedImage.seal(&image)
    return image
  }
}
