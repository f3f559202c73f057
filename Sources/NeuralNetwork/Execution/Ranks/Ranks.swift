/// The processes that train one network together, as one of them sees them; each is a rank (MPI's word).
///
/// Ranks only move bytes: whatever is computed of them is computed here, in an order that follows from the
/// batch alone, so a run has the same bits on any number of ranks. Every rank makes the same calls in the
/// same order, on one thread.
public protocol Ranks: AnyObject {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// The number of processes.
  var count: Int { get }
  /// Whether an exchange fails that stands still for too long. Not while one rank may take as long as it likes,
  /// as the first does that reads its data: should it die, what has started the ranks ends all of them.
  var hasTimeLimit: Bool { get set }

  /// Sends bytes to some ranks and receives bytes from some, all at once; returns when all have arrived and
  /// what was sent may be changed.
  ///
  /// Both ends know how many bytes go from one to the other; where that is none, neither waits for the
  /// other. Allocates nothing of its own.
  ///
  /// - Parameters:
  ///   - sent: for each rank the bytes that it is to get; none for this one.
  ///   - received: for each rank where its bytes go, overwritten; none for this one.
  /// - Throws: where a rank does not answer in time, or what connects the ranks fails.
  func exchange(
    _ sent: UnsafeBufferPointer<UnsafeRawBufferPointer>,
    _ received: UnsafeBufferPointer<UnsafeMutableRawBufferPointer>
  ) throws(RanksError)
}

extension Ranks {
  /// Says no of ranks that wait for ever.
  public var hasTimeLimit: Bool {
    get { false }
    set {}
  }
}

/// Why ranks cannot go on together: one line.
public struct RanksError: Error, Equatable, CustomStringConvertible {
  /// What happened, and to which rank.
  public let description: String

  /// Creates an error from a whole sentence.
  public init(_ description: String) { self.description = description }
}

/// A process that trains by itself.
public final class Alone: Ranks, Sendable {
  /// The only one there is.
  public static let only = Alone()

  private init() {}

  /// 0.
  public var rank: Int { 0 }
  /// 1.
  public var count: Int { 1 }
  /// Does nothing: there is nobody else.
  public func exchange(
    _ sent: UnsafeBufferPointer<UnsafeRawBufferPointer>,
    _ received: UnsafeBufferPointer<UnsafeMutableRawBufferPointer>
  ) {}
}
