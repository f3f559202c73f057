#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads a regular file at once, so that whatever checks the bytes and whatever uses them see the same.
public enum WholeFile {
  /// The bytes of a regular file.
  ///
  /// Symbolic links are followed. Whatever is not a regular file (a folder, a pipe, a device) is
  /// refused before anything is read, so nothing hangs and nothing is endless.
  ///
  /// - Parameter limit: the largest size accepted, in bytes; a larger file is refused before any
  ///   memory is set aside for it.
  /// - Throws: `FileError`, kind `.missing` when the file does not exist, `.invalid` when it is no
  ///   regular file, is too large or changes while it is read, `.inputOutput` otherwise.
  public static func read(_ path: String, limit: Int = 4 << 30) throws(FileError) -> [UInt8] {
    try read(path, limit: limit, count: .max)
  }

  /// The first `count` bytes of a regular file of any size, all of a shorter one.
  ///
  /// - Throws: as ``read(_:limit:)`` does.
  public static func start(of path: String, count: Int) throws(FileError) -> [UInt8] {
    try read(path, limit: .max, count: count)
  }

  private static func read(
    _ path: String, limit: Int, count: Int
  ) throws(FileError) -> [UInt8] {
    // A pipe opened for reading would wait for its writer; without blocking it can be looked at.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(errno, file: path, action: "open") }
    defer { close(descriptor) }

    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .system(errno, file: path, action: "read")
    }
    let kind = PathKind(mode: status.st_mode)
    guard kind == .regular else {
      throw FileError(.invalid, file: path, expected: "a regular file", found: kind.rawValue)
    }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw FileError(
        .invalid, file: path, expected: "a file of at most \(limit) bytes", found: "\(size) bytes")
    }

    let wanted = min(size, count)
    var outcome = Outcome.ended(0)
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      outcome = fill(UnsafeMutableRawBufferPointer(buffer), from: descriptor)
      if case .ended(let done) = outcome { count = done }
    }
    if case .failed(let code) = outcome { throw .system(code, file: path, action: "read") }

    var extra: UInt8 = 0
    guard bytes.count == wanted,
      wanted < size
        || withUnsafeMutableBytes(of: &extra, { fill($0, from: descriptor) }) == .ended(0)
    else {
      throw FileError(.invalid, file: path, found: "the file changed while it was read")
    }
    return bytes
  }

  /// How a run of reads went: the number of bytes at the end of the buffer or file, or `errno`.
  private enum Outcome: Equatable {
    case ended(Int)
    case failed(Int32)
  }

  private static func fill(_ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32)
    -> Outcome
  {
    var done = 0
    while done < buffer.count {
      #if canImport(Darwin)
        let count = Darwin.read(
          descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      #elseif canImport(Musl)
        let count = Musl.read(
          descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      #else
        let count = Glibc.read(
          descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      #endif
      if count < 0 {
        if errno == EINTR { continue }
        return .failed(errno)
      }
      if count == 0 { break }
      done += count
    }
    return .ended(done)
  }
}

extension WholeFile {
  /// Whether anything stands at a path, a link that leads nowhere included.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }
}
