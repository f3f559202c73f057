import Distribution
import MiniCNN
import Platform
import Synchronization

/// A command that the processes of an MPI job execute together: the first one speaks for all, and all end with
/// one exit code.
enum RankJob {
  /// Joins the ranks of this process's job, if it has one, executes `body` on each, and then ends the process
  /// where there are several.
  ///
  /// What `body` throws has ended it on every rank, as a ``Run`` and a ``FollowingRun`` see to; the code is
  /// that of the first rank that has failed by itself. Ranks that do not hear each other any more are all ended.
  static func run(_ body: (any Ranks) throws -> Void) throws {
    // What keeps a rank from joining it may know alone.
    Terminal.isSilent = false
    guard let ranks = try join() else { return try body(Alone.only) }
    Terminal.isSilent = !ranks.isFirst
    let code: Int32
    do {
      code = try Self.code(on: ranks, of: body)
    } catch {
      // The first rank may be the one that does not answer.
      Terminal.isSilent = false
      ranks.abort(Failure.report(error))
    }
    ranks.finish()
    Failure.leave(code)
  }

  private static func join() throws -> MPIRanks? {
    do {
      return try MPIRanks.join()
    } catch {
      isLeftOut.store(true, ordering: .relaxed)
      throw error
    }
  }

  /// Whether this process could not join the ranks that its launcher has started.
  private static let isLeftOut = Atomic<Bool>(false)

  /// Ends the process with the exit code of its error, and the ranks that it could not join.
  static func leave(_ code: Int32) -> Never {
    if isLeftOut.load(ordering: .relaxed) { UnjoinedRank.endOthers(code) }
    Failure.leave(code)
  }

  /// The number of this rank, by the launcher's word; `nil` where the process is alone.
  private static let announcedRank =
    MPIWish.current == .none ? nil : (try? Launcher(environmentVariable))?.rank

  /// Leaves it to the first rank to say what is wrong with the words that all have.
  static func silenceAllButFirst() { Terminal.isSilent = (announcedRank ?? 0) > 0 }

  /// Has an error that this process met before it joined the ranks end it on all of them, of which those that have
  /// not met it are told; returns where there are none to join.
  static func fail(_ error: any Error) {
    guard announcedRank != nil else { return }
    try? run { ranks in try ranks.preparing { throw error } }
    silenceAllButFirst()
  }

  /// The exit code of a body that all ranks have left.
  private static func code(
    on ranks: any Ranks, of body: (any Ranks) throws -> Void
  ) throws -> Int32 {
    var end = End(code: 0, isOwn: true)
    do {
      try body(ranks)
      try Terminal.checkResults()
    } catch let error as RanksError {
      throw error
    } catch {
      end = End(code: Failure.report(error), isOwn: !(error is RankFault))
    }
    let failed = try ranks.gather(end.bits).map { End(bits: $0) }.filter { $0.code != 0 }
    return (failed.first(where: \.isOwn) ?? failed.first)?.code ?? 0
  }

  /// How a rank has ended.
  private struct End {
    let code: Int32
    /// Whether the rank has not just heard of what has ended another one.
    let isOwn: Bool

    init(code: Int32, isOwn: Bool) { (self.code, self.isOwn) = (code, isOwn) }

    var bits: UInt64 { UInt64(UInt32(bitPattern: code)) | (isOwn ? 1 << 32 : 0) }

    init(bits: UInt64) {
      self.init(code: Int32(truncatingIfNeeded: bits), isOwn: bits >> 32 != 0)
    }
  }
}
