import Foundation
import NeuralNetwork

/// Ranks that are threads of one process, so that a test runs what several processes would.
public final class ThreadRanks: Ranks, @unchecked Sendable {
  public let rank: Int
  public var count: Int { post.count }
  private let post: Post

  /// Calls `body` on as many threads, each with the ranks as it sees them, and returns what they return
  /// in the order of the ranks.
  ///
  /// - Parameter patience: the seconds that an exchange may take.
  public static func run<Result: Sendable>(
    _ count: Int, patience: Double = 60, _ body: @escaping @Sendable (ThreadRanks) throws -> Result
  ) throws -> [Result] {
    let post = Post(count, patience: patience)
    let results = Results<Result>(count)
    let group = DispatchGroup()
    for rank in 0..<count {
      group.enter()
      let thread = Thread {
        results[rank] = Swift.Result { try body(ThreadRanks(rank, post)) }
        group.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    return try (0..<count).map { try results[$0]!.get() }
  }

  private init(_ rank: Int, _ post: Post) { (self.rank, self.post) = (rank, post) }

  public func exchange(
    _ sent: UnsafeBufferPointer<UnsafeRawBufferPointer>,
    _ received: UnsafeBufferPointer<UnsafeMutableRawBufferPointer>
  ) throws(RanksError) {
    for other in 0..<count where sent[other].count > 0 {
      post.put(sent[other], from: rank, to: other)
    }
    for other in 0..<count where received[other].count > 0 {
      guard post.take(received[other], from: other, to: rank) else {
        throw RanksError("rank \(other) did not answer in time")
      }
    }
    for other in 0..<count where sent[other].count > 0 {
      guard post.isTaken(from: rank, to: other) else {
        throw RanksError("rank \(other) did not answer in time")
      }
    }
  }

  private final class Results<Result: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var results: [Swift.Result<Result, any Error>?]

    init(_ count: Int) { results = Array(repeating: nil, count: count) }

    subscript(rank: Int) -> Swift.Result<Result, any Error>? {
      get { lock.withLock { results[rank] } }
      set { lock.withLock { results[rank] = newValue } }
    }
  }

  /// What lies between the ranks.
  private final class Post: @unchecked Sendable {
    let count: Int
    private let patience: Double
    private let condition = NSCondition()
    private var parcels: [UnsafeRawBufferPointer?]

    init(_ count: Int, patience: Double) {
      (self.count, self.patience) = (count, patience)
      parcels = Array(repeating: nil, count: count * count)
    }

    func put(_ bytes: UnsafeRawBufferPointer, from sender: Int, to receiver: Int) {
      condition.withLock {
        precondition(parcels[sender * count + receiver] == nil)
        parcels[sender * count + receiver] = bytes
        condition.broadcast()
      }
    }

    func take(
      _ target: UnsafeMutableRawBufferPointer, from sender: Int, to receiver: Int
    ) -> Bool {
      wait {
        self.parcels[sender * self.count + receiver] != nil
      } then: {
        guard let bytes = self.parcels[sender * self.count + receiver] else { return }
        precondition(bytes.count == target.count, "\(bytes.count) bytes, \(target.count) expected")
        target.copyMemory(from: bytes)
        self.parcels[sender * self.count + receiver] = nil
        self.condition.broadcast()
      }
    }

    func isTaken(from sender: Int, to receiver: Int) -> Bool {
      wait {
        self.parcels[sender * self.count + receiver] == nil
      } then: {
      }
    }

    private func wait(until isReady: () -> Bool, then act: () -> Void) -> Bool {
      let end = Date().addingTimeInterval(patience)
      condition.lock()
      defer { condition.unlock() }
      while !isReady() { if !condition.wait(until: end) { return false } }
      act()
      return true
    }
  }
}
