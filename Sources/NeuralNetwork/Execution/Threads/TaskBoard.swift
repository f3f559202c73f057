import CKernels
import Platform
import Synchronization

/// Where a pool's threads find their tasks.
///
/// Unchecked, because of `work` and `count`: they are written while no task is open, before the word
/// that opens them is published, and read only after a task has been claimed from that word; until
/// that task is finished `run` does not return, so they are not written again.
final class TaskBoard: @unchecked Sendable {
  /// The number of this run in the upper half, the tasks not yet claimed in the lower: one word, so
  /// that a thread that arrives late cannot claim a task of a run it knows nothing of.
  private let open = Atomic<UInt64>(0)
  private let finished = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private let callerSleeps = Atomic<Bool>(false)
  /// How often a thread looks before it sleeps.
  private let spins: Int
  /// How often a caller without a processor of its own lets others on before it sleeps.
  private static let mostYields = 50
  private var work: (type: any (PerformsTasks & ~Copyable).Type, address: UnsafeRawPointer)?
  private var count = 0
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// That there are tasks, or no more to come.
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// That the last task is done.
  private let completion = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Held by the caller whose tasks are done.
  private let caller = SystemMutex()
  /// The thread that is each worker, by its number; the first is whichever is in `run`.
  private let workers: [Worker]

  private final class Worker: Sendable {
    /// 0 while there is none.
    let thread = Atomic<UInt>(0)
  }

  init(threads: Int, spins: Int) {
    self.spins = spins
    workers = (0..<threads).map { _ in Worker() }
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
    pthread_cond_init(completion, nil)
  }

  deinit {
    pthread_cond_destroy(completion)
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    completion.deallocate()
    condition.deallocate()
    mutex.deallocate()
  }

  /// Publishes tasks, takes part in them, and waits for the last. One caller at a time; one that is
  /// inside a task does all by itself, as waiting for the others would never end.
  func run(_ count: Int, _ type: any (PerformsTasks & ~Copyable).Type, at address: UnsafeRawPointer)
  {
    let thread = currentThread()
    if let worker = workers.firstIndex(where: { $0.thread.load(ordering: .relaxed) == thread }) {
      for task in 0..<count { type.perform(task, worker: worker, at: address) }
      return
    }
    caller.withLock {
      workers[0].thread.store(thread, ordering: .relaxed)
      defer { workers[0].thread.store(0, ordering: .relaxed) }
      guard count > 1, workers.count > 1 else {
        for task in 0..<count { type.perform(task, worker: 0, at: address) }
        return
      }
      work = (type, address)
      self.count = count
      finished.store(0, ordering: .relaxed)
      let run = (open.load(ordering: .relaxed) >> 32) &+ 1
      open.store(run << 32 | UInt64(count), ordering: .sequentiallyConsistent)
      wake(count - 1)
      takeTasks(as: 0)
      waitUntilDone(count)
      work = nil
    }
  }

  /// Whether the calling thread is at a task.
  var isInsideTask: Bool {
    let thread = currentThread()
    return workers.contains { $0.thread.load(ordering: .relaxed) == thread }
  }

  /// The life of a worker thread.
  func work(as worker: Int) {
    workers[worker].thread.store(currentThread(), ordering: .relaxed)
    while !stopping.load(ordering: .relaxed) {
      takeTasks(as: worker)
      if !spinForTasks() { sleepForTasks() }
    }
  }

  /// Ends the life of all workers.
  func stop() {
    stopping.store(true, ordering: .sequentiallyConsistent)
    wakeAll()
  }

  private func takeTasks(as worker: Int) {
    var word = open.load(ordering: .acquiring)
    while word & 0xFFFF_FFFF != 0 {
      let (claimed, current) = open.weakCompareExchange(
        expected: word, desired: word - 1, ordering: .acquiringAndReleasing)
      guard claimed else {
        word = current
        continue
      }
      // Read before the last task is done: then the caller may publish others.
      let count = count
      if let (type, address) = work {
        type.perform(count - Int(word & 0xFFFF_FFFF), worker: worker, at: address)
      }
      let done = finished.add(1, ordering: .sequentiallyConsistent).newValue
      if done == count, callerSleeps.load(ordering: .sequentiallyConsistent) { wakeCaller() }
      word = open.load(ordering: .acquiring)
    }
  }

  private var hasTasks: Bool { open.load(ordering: .sequentiallyConsistent) & 0xFFFF_FFFF != 0 }

  private func spinForTasks() -> Bool {
    for _ in 0..<spins {
      if open.load(ordering: .relaxed) & 0xFFFF_FFFF != 0 || stopping.load(ordering: .relaxed) {
        return true
      }
      mc_spin_hint()
    }
    return false
  }

  private func sleepForTasks() {
    pthread_mutex_lock(mutex)
    // Announced before looking once more: whoever publishes after that look sees a sleeper and
    // wakes it.
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while !hasTasks && !stopping.load(ordering: .sequentiallyConsistent) {
      pthread_cond_wait(condition, mutex)
    }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
  }

  /// Waits until all tasks are done. Where every thread has a processor, the caller's has nothing else to do
  /// meanwhile; where they share them, it soon leaves it to one that works.
  private func waitUntilDone(_ count: Int) {
    var waits = 0
    while finished.load(ordering: .acquiring) < count {
      waits += 1
      if waits <= spins {
        mc_spin_hint()
      } else if spins > 0 || waits <= Self.mostYields {
        sched_yield()
      } else {
        sleepUntilDone(count)
      }
    }
  }

  private func sleepUntilDone(_ count: Int) {
    pthread_mutex_lock(mutex)
    // As of the other sleepers: whoever ends the last task after this look sees that the caller sleeps.
    callerSleeps.store(true, ordering: .sequentiallyConsistent)
    while finished.load(ordering: .sequentiallyConsistent) < count {
      pthread_cond_wait(completion, mutex)
    }
    callerSleeps.store(false, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
  }

  private func wakeCaller() {
    pthread_mutex_lock(mutex)
    pthread_cond_signal(completion)
    pthread_mutex_unlock(mutex)
  }

  /// Wakes as many sleepers as there are tasks for: of many more threads, each would only find that the
  /// others have them all.
  private func wake(_ tasks: Int) {
    let asleep = sleepers.load(ordering: .sequentiallyConsistent)
    guard asleep > 0 else { return }
    guard tasks < asleep else { return wakeAll() }
    pthread_mutex_lock(mutex)
    for _ in 0..<tasks { pthread_cond_signal(condition) }
    pthread_mutex_unlock(mutex)
  }

  private func wakeAll() {
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }
}
