import Files
import NeuralNetwork
import Platform

/// Bytes on the heap that are written once and then shared by every copy and every thread.
///
/// Not an array, as one that cannot allocate its memory ends the program.
// Sound: `bytes` is written before `init` returns and only read afterwards.
final class ByteStorage: @unchecked Sendable {
  /// The bytes, 64-byte aligned.
  let bytes: UnsafeRawBufferPointer

  /// Allocates `count` bytes, at least one, and has `fill` overwrite all of them.
  ///
  /// - Throws: `fill`'s error, or one that names `file` when there is no memory.
  init(
    count: Int, for file: String,
    fill: (UnsafeMutableRawBufferPointer) throws(FileError) -> Void
  ) throws(FileError) {
    require(count > 0, "storage of \(count) bytes; expected at least 1")
    // A system that promises more memory than it has would end the program while it is filled.
    guard count <= Self.physicalMemory else {
      throw FileError(
        .invalid, file: file, expected: "at most the \(Self.physicalMemory) bytes of this machine",
        found: "\(count) bytes")
    }
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, LargePages.alignment(of: count), count) == 0, let memory else {
      throw FileError(.inputOutput, file: file, found: "no memory for its \(count) bytes")
    }
    LargePages.advise(memory, bytes: count)
    do {
      try fill(UnsafeMutableRawBufferPointer(start: memory, count: count))
    } catch {
      free(memory)
      throw error
    }
    bytes = UnsafeRawBufferPointer(start: memory, count: count)
  }

  private static let physicalMemory =
    max(0, sysconf(Int32(_SC_PHYS_PAGES))) * max(0, sysconf(Int32(_SC_PAGESIZE)))

  deinit { free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }
}
