import Platform
import Synchronization

/// Threads that live as long as the pool and take numbered tasks as they come free.
///
/// Between two runs a thread spins for a moment before it sleeps, because the next step of training
/// usually follows within microseconds; waking a sleeper costs fifty times as much. Which thread
/// does which task is left to chance, so tasks must not care.
public final class ThreadPool: Sendable {
  /// The number of threads that work, the caller's included.
  public let threads: Int
  private let board: TaskBoard
  private let handles: Mutex<[pthread_t]>

  /// The number of threads that can run at once: the processors that this process may use, as its affinity,
  /// its container or its batch system has it; at least 1.
  public static var availableProcessors: Int { Platform.availableProcessors }

  /// Starts a pool; without a number, one thread for each processor.
  public convenience init(threads: Int? = nil) {
    let processors = Self.availableProcessors
    self.init(threads: threads ?? processors, processors: processors)
  }

  /// Starts a pool that has a number of processors to itself.
  package init(threads: Int, processors: Int) {
    require(threads >= 1, "a pool has at least 1 thread, not \(threads)")
    self.threads = threads
    // More threads than processors must not spin: each would hold up the one it waits for.
    let board = TaskBoard(threads: threads, spins: threads <= processors ? 20_000 : 0)
    self.board = board
    handles = Mutex((1..<threads).compactMap { Self.start(board, worker: $0) })
  }

  deinit {
    board.stop()
    handles.withLock { for handle in $0 { pthread_join(handle, nil) } }
  }

  /// Does tasks `0..<count`, each once, and returns when all are done.
  ///
  /// Several threads may call this: their tasks wait for each other's. A task may too: the thread that
  /// is at it does them all by itself, under the same worker's number.
  ///
  /// - Parameter body: is told the number of the worker, from 0 to below ``threads``, and of the
  ///   task. Two tasks at once never have the same worker.
  public func run(_ count: Int, _ body: (_ worker: Int, _ task: Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      run(count, with: body) { body, worker, task in body(worker, task) }
    }
  }

  /// The same without an allocation, for a `body` that captures nothing, the types of a generic caller
  /// included, as it is told all it needs as `context`.
  // Inlined, as what is made for any type of context finds its way at run time.
  @inline(__always)
  func run<Context: ~Copyable>(
    _ count: Int, with context: consuming Context,
    _ body: @escaping (borrowing Context, _ worker: Int, _ task: Int) -> Void
  ) {
    withUnsafePointer(to: PoolTasks(context: context, body: body)) {
      board.run(count, PoolTasks<Context>.self, at: $0)
    }
  }

  /// Whether the calling thread is at a task of this pool.
  var isInsideTask: Bool { board.isInsideTask }

  private static func start(_ board: TaskBoard, worker: Int) -> pthread_t? {
    let start = Unmanaged.passRetained(WorkerStart(board: board, worker: worker))
    do throws(SystemError) {
      return try startThread({ WorkerStart.run($0) }, start.toOpaque())
    } catch {
      // The pool works with fewer threads; the tasks are done all the same.
      start.release()
      return nil
    }
  }
}

/// What a new thread is given.
private final class WorkerStart: Sendable {
  let board: TaskBoard
  let worker: Int

  init(board: TaskBoard, worker: Int) {
    self.board = board
    self.worker = worker
  }

  static func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument {
      let start = Unmanaged<WorkerStart>.fromOpaque(argument).takeRetainedValue()
      start.board.work(as: start.worker)
    }
    return nil
  }
}
