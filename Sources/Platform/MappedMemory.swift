/// Zeroed memory straight from the system, which gets it back at once.
///
/// For what is large and soon done with: the GNU C library's `malloc` no longer maps arrays of up to
/// the size of the largest piece that it was given back, so they stay resident once freed.
package struct MappedMemory: ~Copyable {
  /// The bytes; they start at a page.
  package let bytes: UnsafeMutableRawBufferPointer

  /// Maps `count` bytes, at least one; `nil` where there is no memory.
  package init?(count: Int) {
    let memory = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let memory, memory != UnsafeMutableRawPointer(bitPattern: -1) else { return nil }
    bytes = UnsafeMutableRawBufferPointer(start: memory, count: count)
    adviseLargePages(memory, bytes: count)
  }

  deinit { munmap(bytes.baseAddress, bytes.count) }
}
