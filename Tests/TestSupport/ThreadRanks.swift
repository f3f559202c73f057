import Foundation
import NeuralNetwork

/// Ranks that are threads of one process, so that a test runs what several processes would.
public final class ThreadRanks: Ranks, @unchecked Sendable {
  /// The number of this thread, from 0.
  public let rank: Int
  /// The number of threads.
  public var count: Int { post.count }
  /// Whether an exchange may take no longer than the patience of all.
  public var hasTimeLimit = true
  private let post: Post

  /// Calls `body` on as many threads, each with the ranks as it sees them, and returns what they return
  /// in the order of the ranks.
  ///
  /// - Parameter patience: the seconds that an exchange may take.
  public static func run<Result: Sendable>(
    _ count: Int, patience: Int = 60, _ body: @escaping @Sendable (ThreadRanks) throws -> Result
  ) throws -> [Result] {
    let post = Post(count, patience: patience)
    let results = Results<Result>()
    let group = DispatchGroup()
    for rank in 0..<count {
      group.enter()
      let thread = Thread {
        results.add(Swift.Result { try body(ThreadRanks(rank, post)) }, of: rank)
        group.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    return try results.inOrder.map { try $0.get() }
  }

  private init(_ rank: Int, _ post: Post) { (self.rank, self.post) = (rank, post) }

  /// Hands memory over, without an allocation.
  public func exchange(
    _ sent: UnsafeBufferPointer<UnsafeRawBufferPointer>,
    _ received: UnsafeBufferPointer<UnsafeMutableRawBufferPointer>
  ) throws(RanksError) {
    for other in 0..<count where sent[other].count > 0 {
      post.put(sent[other], from: rank, to: other)
    }
    for other in 0..<count where received[other].count > 0 {
      guard post.take(received[other], from: other, to: rank, hasTimeLimit) else {
        throw RanksError("rank \(other) did not answer in time")
      }
    }
    for other in 0..<count where sent[other].count > 0 {
      guard post.isTaken(from: rank, to: other, hasTimeLimit) else {
        throw RanksError("rank \(other) did not answer in time")
      }
    }
  }

  private final class Results<Result: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var results: [(rank: Int, result: Swift.Result<Result, any Error>)] = []

    func add(_ result: Swift.Result<Result, any Error>, of rank: Int) {
      lock.withLock { results.append((rank, result)) }
    }

    var inOrder: [Swift.Result<Result, any Error>] {
      lock.withLock { results.sorted { $0.rank < $1.rank }.map(\.result) }
    }
  }

  /// What lies between the ranks.
  private final class Post: @unchecked Sendable {
    let count: Int
    private let patience: Int
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let parcels: UnsafeMutableBufferPointer<UnsafeRawBufferPointer?>

    init(_ count: Int, patience: Int) {
      (self.count, self.patience) = (count, patience)
      parcels = .allocate(capacity: count * count)
      parcels.initialize(repeating: nil)
      pthread_mutex_init(mutex, nil)
      pthread_cond_init(condition, nil)
    }

    deinit {
      pthread_cond_destroy(condition)
      pthread_mutex_destroy(mutex)
      condition.deallocate()
      mutex.deallocate()
      parcels.deallocate()
    }

    func put(_ bytes: UnsafeRawBufferPointer, from sender: Int, to receiver: Int) {
      pthread_mutex_lock(mutex)
      precondition(parcels[sender * count + receiver] == nil)
      parcels[sender * count + receiver] = bytes
      pthread_cond_broadcast(condition)
      pthread_mutex_unlock(mutex)
    }

    func take(
      _ target: UnsafeMutableRawBufferPointer, from sender: Int, to receiver: Int, _ isLimited: Bool
    ) -> Bool {
      pthread_mutex_lock(mutex)
      defer { pthread_mutex_unlock(mutex) }
      let place = sender * count + receiver
      guard wait(place, untilThere: true, isLimited), let bytes = parcels[place] else {
        return false
      }
      precondition(bytes.count == target.count, "\(bytes.count) bytes, \(target.count) expected")
      target.copyMemory(from: bytes)
      parcels[place] = nil
      pthread_cond_broadcast(condition)
      return true
    }

    func isTaken(from sender: Int, to receiver: Int, _ isLimited: Bool) -> Bool {
      pthread_mutex_lock(mutex)
      defer { pthread_mutex_unlock(mutex) }
      return wait(sender * count + receiver, untilThere: false, isLimited)
    }

    private func wait(_ place: Int, untilThere isThere: Bool, _ isLimited: Bool) -> Bool {
      var end = timespec()
      clock_gettime(CLOCK_REALTIME, &end)
      end.tv_sec += isLimited ? patience : 600
      while (parcels[place] != nil) != isThere {
        if pthread_cond_timedwait(condition, mutex, &end) == ETIMEDOUT { return false }
      }
      return true
    }
  }
}
