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
