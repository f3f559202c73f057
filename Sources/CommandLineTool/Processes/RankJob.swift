import Distribution
import MiniCNN
import Platform

/// A command that the processes of an MPI job execute together: the first one speaks for all, and all end with
/// one exit code.
enum RankJob {
  /// Joins the ranks of this process's job, if it has one, executes `body` on each, and then ends the process
  /// where there are several.
  ///
  /// What `body` throws has ended it on every rank, as a ``Run`` and a ``FollowingRun`` see to; the code is
  /// that of the first rank that has one. Ranks that do not hear each other any more are all ended.
  static func run(_ body: (any Ranks) throws -> Void) throws {
    // What keeps a rank from joining it may know alone.
    Terminal.isSilent = false
    guard let ranks = try MPIRanks.join() else { return try body(Alone.only) }
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

  /// Whether a launcher says that this is a rank but not the first, which speaks for it.
  static var isAfterFirst: Bool {
    environmentVariable("MINICNN_MPI") != "none"
      && ((try? Launcher(environmentVariable))?.rank ?? 0) > 0
  }

  /// Leaves the first rank time to say why all end, where it speaks for this one: a launcher ends all ranks
  /// once one of them has failed.
  static func waitForFirst() {
    sleep(1)
  }

  /// The exit code of a body that all ranks have left.
  private static func code(
    on ranks: any Ranks, of body: (any Ranks) throws -> Void
  ) throws -> Int32 {
    var code: Int32 = 0
    do {
      try body(ranks)
      try Terminal.checkResults()
    } catch let error as RanksError {
      throw error
    } catch {
      code = Failure.report(error)
    }
    let codes = try ranks.gather(UInt64(truncatingIfNeeded: code))
    return Int32(truncatingIfNeeded: codes.first { $0 != 0 } ?? 0)
  }
}
