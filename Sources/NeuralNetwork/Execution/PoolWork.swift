/// What a pool's threads do, task by task.
///
/// A value, and not a closure, because passing a closure allocates memory, which a training step
/// must not.
protocol PoolWork {
  /// Does one task.
  func perform(worker: Int, task: Int)
  /// Does one task of the work at an address.
  static func perform(at address: UnsafeRawPointer, worker: Int, task: Int)
}

extension PoolWork {
  static func perform(at address: UnsafeRawPointer, worker: Int, task: Int) {
    address.assumingMemoryBound(to: Self.self).pointee.perform(worker: worker, task: task)
  }
}

/// Work that a closure does.
struct ClosureWork: PoolWork {
  let body: (Int, Int) -> Void

  func perform(worker: Int, task: Int) { body(worker, task) }
}
