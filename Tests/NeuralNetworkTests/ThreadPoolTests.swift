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

  @Test func aBatchIsCutByItsSizeAlone() throws {
    // The loss of a batch is the sum over its samples, however it is cut.
    let source = ListedSamples.random([6], count: 37, classes: 3)
    let network = try Network(ModelSpec("cut", input: [6]) { Dense(units: 3) }, seed: 3)
    for size in [1, 2, 7, 8, 9, 16, 37] {
      let step = GradientStep(network, loss: Loss(), batch: 37, pool: ThreadPool(threads: 2))
      let numbers = (0..<Int32(size)).map { $0 }
      let result = numbers.withUnsafeBufferPointer {
        step.run(network, source, $0, seed: 1, epoch: 0)
      }
      let whole = Predictor(network, pool: ThreadPool(threads: 1)).evaluate(
        source, numbers, loss: Loss()
      ).value
      #expect(result.loss.samples == size && result.loss.correct == whole.correct)
      #expect(abs(result.loss.sum - whole.sum) < 1e-5 * whole.sum)
    }
  }
}
