import Platform

/// A regular file, open for reading from its start.
///
/// Symbolic links are followed. Whatever is not a regular file (a folder, a pipe, a device) is
/// refused before anything is read, so no read hangs or never ends.
package struct RegularFile: ~Copyable {
  /// The path, as the user wrote it.
  package let path: String
  /// The size in bytes when the file was opened.
  package let size: Int
  private let descriptor: Int32

  /// Opens a file.
  ///
  /// - Throws: `FileError`, kind `.missing` where the file does not exist, `.invalid` where it is
  ///   not a regular file, `.inputOutput` otherwise.
  package init(_ path: String) throws(FileError) {
    // A pipe opened for reading would wait for its writer; without blocking it can be examined.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(errno, file: path, action: "open") }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw .system(code, file: path, action: "read")
    }
    let kind = PathKind(mode: status.st_mode)
    guard kind == .regular else {
      close(descriptor)
      throw FileError(.invalid, file: path, expected: "a regular file", found: kind.rawValue)
    }
    self.path = path
    self.size = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// The first bytes, `count` of them or as many as there are; the reading position stays.
  package func start(_ count: Int) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(FileError) {
        filled = try start(into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Overwrites `buffer` with the first bytes, as many as there are, and returns how many there were; the
  /// reading position stays.
  package func start(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var found = -1
    repeat {
      found = pread(descriptor, buffer.baseAddress, buffer.count, 0)
    } while found < 0 && errno == EINTR
    guard found >= 0 else { throw .system(errno, file: path, action: "read") }
    return found
  }

  /// Overwrites `buffer` with the next bytes and returns how many there were: fewer than the buffer
  /// has room for only at the end of the file.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    do throws(SystemError) {
      return try readFully(descriptor, into: buffer)
    } catch {
      throw .system(error.code, file: path, action: "read")
    }
  }
}
