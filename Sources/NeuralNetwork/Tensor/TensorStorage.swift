/// The memory of a tensor.
///
/// Unchecked, because the compiler cannot see that `Tensor` writes to it only while it holds the
/// one reference.
final class TensorStorage: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  init(count: Int) {
    self.count = count
    // One element more than nothing, so that an empty tensor has an address too.
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: LargePages.alignment(of: bytes))
    LargePages.advise(raw, bytes: bytes)
    pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: max(count, 1))
  }

  convenience init(copying other: TensorStorage) {
    self.init(count: other.count)
    pointer.update(from: other.pointer, count: other.count)
  }

  deinit { pointer.deallocate() }
}
