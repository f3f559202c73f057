import Foundation
import NeuralNetwork
import Synchronization
import Testing

@Suite struct ThreadPoolTests {
  /// Which workers are at a task, and how often each task was done.
  ///
  /// Of atomic numbers and not behind a lock, so that the threads order nothing among themselves but
  /// what the pool orders: the thread sanitizer sees it where that is too little.
  final class Ledger: Sendable {
    private final class Count: Sendable {
      let value = Atomic(0)
    }
    private let tasks: [Count]
    private let workers: [Count]
    private let clashesFound = Count()

    init(tasks: Int, workers: Int) {
      self.tasks = (0..<tasks).map { _ in Count() }
      self.workers = (0..<workers).map { _ in Count() }
    }

    func begin(_ worker: Int) {
      if workers[worker].value.add(1, ordering: .relaxed).oldValue != 0 {
        clashesFound.value.add(1, ordering: .relaxed)
      }
    }

    func end(_ worker: Int, _ task: Int) {
      leave(worker)
      count(task)
    }

    func leave(_ worker: Int) { workers[worker].value.subtract(1, ordering: .relaxed) }

    func count(_ task: Int) { tasks[task].value.add(1, ordering: .relaxed) }

    /// How often two tasks at once had the same worker.
    var clashes: Int { clashesFound.value.load(ordering: .relaxed) }
    /// How often each task was done.
    var done: [Int] { tasks.map { $0.value.load(ordering: .relaxed) } }
  }

  @Test(arguments: [1, 2, 3, 8, 64])
  func everyTaskIsDoneOnce(threads: Int) {
    let pool = ThreadPool(threads: threads)
    for round in 0..<300 {
      let count = round % 23
      let ledger = Ledger(tasks: count, workers: threads)
      pool.run(count) { worker, task in
        ledger.begin(worker)
        ledger.end(worker, task)
      }
      #expect(ledger.done == [Int](repeating: 1, count: count))
      #expect(ledger.clashes == 0)
    }
  }

  // What a task writes, the caller and later tasks read, and nothing but the pool comes between.
  @Test(arguments: [2, 3, 8]) func aRunSeesWhatTheOneBeforeWrote(threads: Int) {
    let pool = ThreadPool(threads: threads)
    var values = (0..<64).map { $0 }
    values.withUnsafeMutableBufferPointer { values in
      for _ in 0..<200 {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 64) { next in
          pool.run(64) { _, task in next[task] = values[(task + 1) % 64] }
          pool.run(64) { _, task in values[task] = next[task] }
        }
      }
    }
    #expect(values == (0..<64).map { ($0 + 200) % 64 })
  }

  // Each of the tasks of one run has the pool do four more, which have one more done.
  @Test(arguments: [1, 2, 3, 8]) func aTaskMayUseThePoolItself(threads: Int) {
    let pool = ThreadPool(threads: threads)
    for _ in 0..<50 {
      let ledger = Ledger(tasks: 40, workers: threads)
      let others = Ledger(tasks: threads, workers: 1)
      pool.run(10) { worker, task in
        ledger.begin(worker)
        pool.run(4) { inner, part in
          if inner != worker { others.count(inner) }
          pool.run(1) { innermost, _ in
            if innermost != worker { others.count(innermost) }
            ledger.count(4 * task + part)
          }
        }
        ledger.leave(worker)
      }
      #expect(ledger.done == [Int](repeating: 1, count: 40))
      #expect(ledger.clashes == 0)
      #expect(others.done == [Int](repeating: 0, count: threads))
    }
  }

  // A single task is worker 0's as well.
  @Test(arguments: [1, 2]) func severalThreadsMayUseAPool(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let callers = ThreadPool(threads: 4)
    let ledger = Ledger(tasks: 400, workers: threads)
    callers.run(4) { _, caller in
      for round in 0..<100 {
        pool.run(1 + round % 2) { worker, part in
          ledger.begin(worker)
          if part == 0 { ledger.count(100 * caller + round) }
          ledger.leave(worker)
        }
      }
    }
    #expect(ledger.done == [Int](repeating: 1, count: 400))
    #expect(ledger.clashes == 0)
  }

  // Fewer tasks than threads, more, and so few threads that the caller has to be woken.
  @Test(arguments: [2, 64], [1, 2, 7, 64, 300])
  func threadsWithoutProcessorsOfTheirOwnDoAllTasks(threads: Int, count: Int) {
    let pool = ThreadPool(threads: threads, processors: 1)
    for _ in 0..<100 {
      let ledger = Ledger(tasks: count, workers: threads)
      pool.run(count) { worker, task in
        ledger.begin(worker)
        ledger.end(worker, task)
      }
      #expect(ledger.done == [Int](repeating: 1, count: count))
      #expect(ledger.clashes == 0)
    }
  }

  // The caller's processor is one that others may need meanwhile.
  @Test func aCallerWithoutAProcessorOfItsOwnSleepsUntilTheLastTaskIsDone() {
    let pool = ThreadPool(threads: 64, processors: 2)
    let others = Ledger(tasks: 1, workers: 1)
    func seconds() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
    let start = seconds()
    pool.run(2) { worker, _ in
      if worker == 0 {
        while others.done[0] == 0 { usleep(1000) }
      } else {
        others.count(0)
        usleep(300_000)
      }
    }
    #expect(seconds() - start < 0.1)
  }

  @Test func sleepersAreWoken() async throws {
    let pool = ThreadPool(threads: 2)
    for _ in 0..<5 {
      let ledger = Ledger(tasks: 8, workers: 2)
      pool.run(8) { worker, task in
        ledger.begin(worker)
        ledger.end(worker, task)
      }
      #expect(ledger.done == [Int](repeating: 1, count: 8))
      // Longer than a thread spins.
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
