import NeuralNetwork
import TestSupport
import Training

@testable import Runs

/// How a run went on each of several ranks, which are threads.
struct Joined {
  /// What each rank threw, in its own words; "" where it threw nothing.
  let errors: [String]

  /// Runs `lead` on the first of `ranks` ranks and `follow` on the others.
  init(
    ranks: Int = 2, _ lead: @escaping (any Ranks) throws -> Void,
    _ follow: @escaping (any Ranks) throws -> Void = { try FollowingRun(ranks: $0).train() }
  ) throws {
    let bodies = Bodies(lead: lead, follow: follow)
    errors = try ThreadRanks.run(ranks, patience: 20) { ranks in
      let error = caught { try (ranks.isFirst ? bodies.lead : bodies.follow)(ranks) }
      return error.map { "\($0)" } ?? ""
    }
  }

  // Each is called on threads that share nothing but what their test waits for.
  private struct Bodies: @unchecked Sendable {
    let lead: (any Ranks) throws -> Void
    let follow: (any Ranks) throws -> Void
  }

  /// What messages call a rank.
  static func name(_ rank: Int) -> String { "rank \(rank) on \(RankPlace.own.host)" }
}

/// A rank that mishears: of one exchange it takes a number for another one.
final class MisheardRanks: Ranks {
  private let base: any Ranks
  /// How many exchanges are to come until the one of which it mishears a number; `nil` for none.
  var exchangesLeft: Int?

  init(_ base: any Ranks) { self.base = base }

  var rank: Int { base.rank }
  var count: Int { base.count }

  func exchange(
    _ sent: UnsafeBufferPointer<UnsafeRawBufferPointer>,
    _ received: UnsafeBufferPointer<UnsafeMutableRawBufferPointer>
  ) throws(RanksError) {
    try base.exchange(sent, received)
    guard let left = exchangesLeft else { return }
    exchangesLeft = left == 0 ? nil : left - 1
    guard left == 0, let parcel = received.first(where: { !$0.isEmpty }) else { return }
    parcel.storeBytes(of: 1, toByteOffset: parcel.count / 2 / 4 * 4, as: Float.self)
  }
}
