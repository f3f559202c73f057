import Files
import ImageData

/// A zip file that is made in memory (APPNOTE 6.3, without its 64-bit extensions): the same bytes for the
/// same members.
package struct ZipWriter {
  private let path: String
  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// Begins an archive, which messages call by its path.
  package init(path: String) { self.path = path }

  /// Adds a file, deflated or as it is.
  ///
  /// - Throws: a `FileError` where the archive would be of 4 GiB or more.
  package mutating func add(
    _ name: String, _ content: [UInt8], isDeflated: Bool = true
  ) throws(FileError) {
    let compressed = isDeflated ? Deflate.raw(content) : content
    let start = try word(bytes.count)
    // Version 2.0, names in UTF-8, deflated or stored, the first moment that there is a date for.
    var entry = little(20, 2) + little(1 << 11, 2) + little(isDeflated ? 8 : 0, 2)
    entry += little(0, 2) + little(0x21, 2)
    entry += little(Int(Deflate.crc32(content)), 4)
    entry += little(try word(compressed.count), 4) + little(try word(content.count), 4)
    entry += little(name.utf8.count, 2) + little(0, 2)
    bytes += little(0x0403_4b50, 4) + entry + Array(name.utf8) + compressed
    directory += little(0x0201_4b50, 4) + little(20, 2) + entry
    // No comment, the first disk, no attributes.
    directory += little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(start, 4)
    directory += Array(name.utf8)
    count += 1
  }

  /// The bytes of the archive.
  package consuming func finish() throws(FileError) -> [UInt8] {
    let start = try word(bytes.count)
    bytes += directory
    bytes += little(0x0605_4b50, 4) + little(0, 2) + little(0, 2) + little(count, 2)
    bytes += little(count, 2) + little(try word(directory.count), 4) + little(start, 4)
    return bytes + little(0, 2)
  }

  private func word(_ size: Int) throws(FileError) -> Int {
    guard size < Int(UInt32.max) else {
      throw FileError(
        .invalid, file: path, expected: "an archive of less than 4 GiB", found: "a larger one")
    }
    return size
  }

  private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
