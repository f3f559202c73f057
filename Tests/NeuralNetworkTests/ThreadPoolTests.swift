import NeuralNetwork
import Synchronization
import Testing

@Suite struct ThreadPoolTests {
  /// Which workers are at a task, and how often each task was done.
  final class Ledger: Sendable {
    struct Entries {
      var done: [Int]
      var busy: Set<Int> = []
      var clashes = 0
    }
    let entries: Mutex<Entries>

    init(tasks: Int) { entries = Mutex(Entries(done: [Int](repeating: 0, count: tasks))) }

    func begin(_ worker: Int) {
      entries.withLock { if !$0.busy.insert(worker).inserted { $0.clashes += 1 } }
    }

    func end(_ worker: Int, _ task: Int) {
      entries.withLock {
        $0.busy.remove(worker)
        $0.done[task] += 1
      }
    }
  }

  @Test(arguments: [1, 2, 3, 8])
  func everyTaskIsDoneOnce(threads: Int) {
    let pool = ThreadPool(threads: threads)
    for round in 0..<300 {
      let count = round % 23
      let ledger = Ledger(tasks: count)
      pool.run(count) { worker, task in
        ledger.begin(worker)
        #expect((0..<threads).contains(worker))
        ledger.end(worker, task)
      }
      ledger.entries.withLock {
        #expect($0.done == [Int](repeating: 1, count: count))
        #expect($0.clashes == 0)
      }
    }
  }

  @Test func sleepersAreWoken() async throws {
    let pool = ThreadPool(threads: 2)
    for _ in 0..<5 {
      let ledger = Ledger(tasks: 8)
      pool.run(8) { worker, task in ledger.end(worker, task) }
      ledger.entries.withLock { #expect($0.done.allSatisfy { $0 == 1 }) }
      // Longer than a thread spins.
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
