import Files

/// Why a run over several ranks has ended on all of them: one line.
///
/// Every rank of the run throws; the one whose failure it is throws its own error instead.
public enum RankFault: Error, Equatable, Sendable, CustomStringConvertible {
  /// A rank (`rank 3 on node7`) cannot go on, for a reason of its own.
  case failed(rank: String, reason: String)
  /// A rank has something else than the first one has: another program, other data, other weights.
  case differs(rank: String, in: String, expected: String, as: String, found: String)

  /// One line.
  public var description: String {
    switch self {
    case .failed(let rank, let reason): "\(rank) has ended the run: \(reason)".onOneLine
    case .differs(let rank, let name, let expected, let first, let found):
      "\(rank): \(name): expected \(expected), as \(first) has, found \(found)".onOneLine
    }
  }
}

/// The error that something throws; `nil` where it throws none.
func caught(_ work: () throws -> Void) -> (any Error)? {
  do {
    try work()
    return nil
  } catch {
    return error
  }
}
