import Foundation

/// A file that is held in memory where the system has a place for such, and whose content is
/// replaced again and again.
final class MemoryFile {
  /// Where it can be opened.
  let path: String
  private let descriptor: Int32

  init(_ name: String = "input") {
    let folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : NSTemporaryDirectory()
    let file = folder + "minicnn-fuzz-\(getpid())-\(name)"
    descriptor = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    precondition(descriptor >= 0, "\(file) cannot be written")
    #if os(Linux)
      // Without a name nothing is left behind, however the process ends.
      unlink(file)
      path = "/proc/self/fd/\(descriptor)"
    #else
      path = file
    #endif
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  func replace(_ bytes: UnsafeRawBufferPointer) {
    ftruncate(descriptor, 0)
    let count = pwrite(descriptor, bytes.baseAddress, bytes.count, 0)
    precondition(count == bytes.count, "\(path) cannot be written")
  }
}
