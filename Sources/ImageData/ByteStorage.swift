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
  private let memory: UnsafeMutableRawPointer

  private static let alignment = 64

  /// Allocates `count` bytes, at least one, and has `fill` overwrite all of them.
  ///
  /// - Parameter room: as many bytes that `fill` has right before those, to overwrite as it likes.
  /// - Throws: `fill`'s error, or one that names `file` when there is no memory.
  init(
    count: Int, after room: Int = 0, for file: String,
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
    let start = (room + Self.alignment - 1) / Self.alignment * Self.alignment
    guard
      posix_memalign(&memory, LargePages.alignment(of: count), start + count) == 0, let memory
    else {
      throw FileError(.inputOutput, file: file, found: "no memory for its \(count) bytes")
    }
    LargePages.advise(memory, bytes: start + count)
    do {
      try fill(UnsafeMutableRawBufferPointer(start: memory + start - room, count: room + count))
    } catch {
      free(memory)
      throw error
    }
    bytes = UnsafeRawBufferPointer(start: memory + start, count: count)
    self.memory = memory
  }

  private static let physicalMemory =
    max(0, sysconf(Int32(_SC_PHYS_PAGES))) * max(0, sysconf(Int32(_SC_PAGESIZE)))

  deinit { free(memory) }
}
