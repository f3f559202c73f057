import Platform

/// Reads a regular file in one go, so that what checks the bytes and what uses them see the same
/// ones.
package enum WholeFile {
  /// The bytes of a regular file (``RegularFile``).
  ///
  /// - Parameter limit: the largest size accepted, in bytes; a larger file is refused before any
  ///   memory is set aside for it.
  /// - Throws: `FileError`, kind `.missing` when the file does not exist, `.invalid` when it is not
  ///   a regular file, is too large or changes while it is read, `.inputOutput` otherwise.
  package static func read(_ path: String, limit: Int = 4 << 30) throws(FileError) -> [UInt8] {
    let file = try RegularFile(path)
    guard file.size <= limit else {
      throw FileError(
        .invalid, file: path, expected: "a file of at most \(limit) bytes",
        found: "\(file.size) bytes")
    }
    var failure: FileError?
    // One byte more than there should be, to check that there is none.
    let bytes = [UInt8](unsafeUninitializedCapacity: file.size + 1) { buffer, count in
      do throws(FileError) {
        count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    guard bytes.count == file.size else {
      throw FileError(.invalid, file: path, found: "the file changed while it was read")
    }
    return bytes
  }

  /// The first `count` bytes of a regular file of any size, all of a shorter one.
  ///
  /// - Throws: as ``read(_:limit:)`` does.
  package static func start(of path: String, count: Int) throws(FileError) -> [UInt8] {
    try RegularFile(path).start(count)
  }

  /// Whether anything is at a path, even a link that leads nowhere.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }
}
