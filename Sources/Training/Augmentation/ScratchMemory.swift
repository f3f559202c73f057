import Synchronization

/// Memory that threads take while they change an image and give back, so that a step of training
/// asks the heap for none.
final class ScratchMemory: Sendable {
  private let count: Int
  private let free: Mutex<[[Float]]>

  /// Memory of so many floats for each thread that asks, made beforehand for some at once.
  init(count: Int, borrowers: Int) {
    self.count = count
    // One by one, as copies of an array share its memory.
    free = Mutex((0..<borrowers).map { _ in [Float](repeating: 0, count: count) })
  }

  /// Lends the memory, whose content is whatever was left there.
  func lend(_ use: (UnsafeMutablePointer<Float>) -> Void) {
    var memory = free.withLock { $0.popLast() } ?? [Float](repeating: 0, count: count)
    memory.withUnsafeMutableBufferPointer {
      if let base = $0.baseAddress { use(base) }
    }
    // Swapped in, so that nobody who takes it next finds it shared.
    free.withLock { list in
      list.append([])
      swap(&list[list.count - 1], &memory)
    }
  }
}
