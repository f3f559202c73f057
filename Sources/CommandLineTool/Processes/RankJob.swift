import MiniCNN

/// A command that the ranks of a job execute together: the first one speaks for all, and all end with one exit
/// code.
enum RankJob {
  /// Joins the ranks of this process's job, if it has one, executes `body` on them, and then ends the process
  /// where it is one of several.
  ///
  /// What `body` throws has ended it on every rank, as a ``Run`` and a ``FollowingRun`` see to; the code is
  /// that of the first rank that has one. Where ranks do not hear each other any more, all are ended.
  static func run(_ body: (any Ranks) throws -> Void) throws {
    try body(Alone.only)
  }

  /// The exit code of a body that all ranks have left.
  private static func code(on ranks: any Ranks, of body: (any Ranks) throws -> Void) throws -> Int32
  {
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
