import Platform

/// The memory of a tensor: a part of a block, or one of its own.
///
/// Unchecked, because the compiler cannot see that `Tensor` writes to it only while it holds the
/// one reference.
final class TensorStorage: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int
  private let block: MemoryBlock

  convenience init(count: Int) { self.init(count: count, in: MemoryBlock(count: count), at: 0) }

  init(count: Int, in block: MemoryBlock, at offset: Int) {
    require(offset >= 0 && offset + count <= block.count, "a tensor in a block that is too small")
    self.count = count
    self.block = block
    pointer = block.pointer + offset
  }

  convenience init(copying other: TensorStorage) {
    self.init(count: other.count)
    pointer.update(from: other.pointer, count: other.count)
  }
}

/// Floats next to each other in memory, zeros at first: one for all tensors that are made together, so that
/// large pages lie under small ones too.
///
/// Unchecked as ``TensorStorage`` is.
final class MemoryBlock: @unchecked Sendable {
  fileprivate let pointer: UnsafeMutablePointer<Float>
  fileprivate let count: Int

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

  deinit { pointer.deallocate() }
}
