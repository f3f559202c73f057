import Files
import NeuralNetwork

/// The ranks of a run as one of them sees them, and where they meet: to compare what they must have alike,
/// and to tell each other of what one of them alone has found out.
///
/// Between two meetings no rank leaves without the others: what fails on one of them is kept until the next
/// meeting, and then ends the run on all. A process that is alone meets nobody.
final class RankGroup {
  let ranks: any Ranks
  /// What messages call each rank: `rank 3 on node7`.
  let names: [String]
  /// The threads for this rank where nobody says how many; `nil` for one for each processor.
  let threads: Int?

  /// Learns where the other ranks are.
  init(_ ranks: any Ranks) throws(RanksError) {
    self.ranks = ranks
    guard ranks.count > 1 else {
      (names, threads) = ([], nil)
      return
    }
    var places: [RankPlace] = []
    for bytes in try ranks.gather(RankPlace.own.bytes) { places.append(try RankPlace(bytes)) }
    names = places.enumerated().map { "rank \($0) on \($1.host)" }
    threads = RankPlace.threads(of: ranks.rank, among: places)
  }

  /// Prepares a run on this rank, and then meets the others, which run the same program.
  ///
  /// - Throws: what `prepare` throws; ``RankFault`` where another rank could not prepare, or runs another
  ///   program.
  static func form<Prepared>(
    of ranks: any Ranks, _ prepare: () throws -> Prepared
  ) throws -> (RankGroup, Prepared) {
    let prepared = Result(catching: prepare)
    // The others wait here for as long as the first one reads.
    ranks.hasTimeLimit = false
    let group = try RankGroup(ranks)
    ranks.hasTimeLimit = true
    try group.meet(try RankIdentity.facts(), failure: prepared.failure)
    return (group, try prepared.get())
  }

  var isAlone: Bool { ranks.count == 1 }

  /// Meets the other ranks.
  ///
  /// - Parameters:
  ///   - facts: what all must have alike; not looked at where this process is alone.
  ///   - failure: why this rank cannot go on.
  ///   - wishesStop: whether this rank asks all to stop.
  /// - Returns: whether a rank asks for that.
  /// - Throws: `failure`; ``RankFault`` where another rank cannot go on, or has something else than the first.
  @discardableResult
  func meet(
    _ facts: @autoclosure () throws -> [RankReport.Fact] = [], failure: (any Error)? = nil,
    wishesStop: Bool = false
  ) throws -> Bool {
    // Ranks that do not hear each other cannot meet.
    if let failure, isAlone || failure is RanksError { throw failure }
    guard !isAlone else { return wishesStop }
    var report = RankReport(failure: failure.map { "\($0)" }, wishesStop: wishesStop)
    var failure = failure
    if failure == nil {
      failure = caught { report.facts = try facts() }
      report.failure = failure.map { "\($0)" }
    }
    var reports: [RankReport] = []
    for bytes in try ranks.gather(report.bytes) { reports.append(try RankReport(bytes)) }
    if let failure { throw failure }
    for (rank, other) in reports.enumerated() {
      guard let reason = other.failure else { continue }
      throw RankFault.failed(rank: names[rank], reason: reason)
    }
    for (rank, other) in reports.enumerated() {
      guard let (expected, found) = reports[0].difference(to: other) else { continue }
      throw RankFault.differs(
        rank: names[rank], in: expected.name, expected: expected.value, as: names[0],
        found: found.value)
    }
    return reports.contains(where: \.wishesStop)
  }

  /// The threads of every rank, and how many it was to have.
  func gather(
    threads: Int, of wanted: Int
  ) throws(RanksError) -> [(threads: Int, wanted: Int)] {
    guard !isAlone else { return [(threads, wanted)] }
    return try ranks.gather(UInt64(threads) | UInt64(wanted) << 32)
      .map { (Int($0 & 0xFFFF_FFFF), Int($0 >> 32)) }
  }

  /// Makes something on each rank, and meets the others when it is made; `facts` says what must be alike of it.
  func make<Made>(
    _ make: () throws -> Made, alike facts: (Made) throws -> [RankReport.Fact]
  ) throws -> Made {
    let made = Result(catching: make)
    try meet(try facts(try made.get()), failure: made.failure)
    return try made.get()
  }
}

extension Result {
  fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}

extension Ranks {
  /// Does on the first rank what comes before a run is made; where that fails, the others, which wait for the
  /// run in ``FollowingRun``, are told, and end too.
  package func preparing<Prepared>(_ prepare: () throws -> Prepared) throws -> Prepared {
    do {
      return try prepare()
    } catch {
      guard count > 1 else { throw error }
      _ = try RankGroup.form(of: self) { throw error }
      throw error
    }
  }
}
