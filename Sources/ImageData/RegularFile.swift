import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A regular file, open for reading from its start.
struct RegularFile: ~Copyable, ByteStream {
  let path: String
  /// The size in bytes when the file was opened.
  let size: Int
  private let descriptor: Int32

  /// Opens a file; a pipe or a device is refused, for it may never end.
  init(_ path: String) throws(FileError) {
    // O_NONBLOCK: opening a pipe nobody writes to must not wait.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError.system(errno, file: path, action: "open") }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw FileError.system(code, file: path, action: "examine")
    }
    let type = status.st_mode & S_IFMT
    guard type == S_IFREG else {
      close(descriptor)
      throw FileError(
        .invalid, file: path, expected: "a regular file",
        found: type == S_IFDIR ? "a folder" : "a pipe or a device")
    }
    self.path = path
    self.size = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  var upperBound: Int { size }
  var exactSize: Int? { size }

  /// Whether the first two bytes are those of gzip (RFC 1952); the reading position stays.
  func looksGzipped() -> Bool {
    var start: (UInt8, UInt8) = (0, 0)
    let count = withUnsafeMutableBytes(of: &start) { pread(descriptor, $0.baseAddress, 2, 0) }
    return count == 2 && start == (0x1f, 0x8b)
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      // One call moves at most 2 GB.
      let count = systemRead(descriptor, rest.baseAddress, min(rest.count, 1 << 30))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError.system(errno, file: path, action: "read") }
      if count == 0 { break }
      filled += count
    }
    return filled
  }
}

/// The `read` of the system, whose name the method above hides.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int)
  -> Int
{
  read(descriptor, buffer, count)
}
