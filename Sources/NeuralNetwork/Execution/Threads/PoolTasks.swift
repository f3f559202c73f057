/// What a pool's threads do, task by task: a function, and what it works on.
///
/// The two are apart so that a training step allocates nothing. Other threads reach both through an
/// address, which to the compiler means that they may outlive their caller: what a closure captured would
/// be put on the heap, while one that captures nothing is only a function. It borrows the context, as a
/// copy for each task would count many references up and down.
struct PoolTasks<Context: ~Copyable>: PerformsTasks, ~Copyable {
  let context: Context
  let body: (borrowing Context, _ worker: Int, _ task: Int) -> Void

  static func perform(_ task: Int, worker: Int, at address: UnsafeRawPointer) {
    let tasks = address.assumingMemoryBound(to: Self.self)
    tasks.pointee.body(tasks.pointee.context, worker, task)
  }
}

/// Tasks whose context only the caller knows.
protocol PerformsTasks: ~Copyable {
  /// Does one of the tasks at an address.
  static func perform(_ task: Int, worker: Int, at address: UnsafeRawPointer)
}
