import Files
import NeuralNetwork
import Training

/// Makes runs of a sweep, several at once, until all are recorded, here or by other workers on the folder.
final class SweepWorker<Maker: RunMaker> {
  /// A run that is being made.
  private struct UnderWay {
    let run: SweepPlan.Run
    let claim: SweepClaim
    /// Which of the runs that are made at once it is, from 0.
    let slot: Int
    let making: SweepMaking
  }

  private let sweep: Sweep
  private let maker: Maker
  private let jobs: Int
  private let clock = ContinuousClock()
  private var records: SweepRecords
  /// The runs that have no record.
  private var missing: [SweepPlan.Run] = []
  private var underWay: [UnderWay] = []
  /// The threads of the runs that are made at once.
  private let threads: [Int?]
  /// When to look again for a run that nobody makes, after there was none.
  private var nextLook: ContinuousClock.Instant
  private var wait = SweepWorker.shortestWait

  private static var shortestWait: Duration { .milliseconds(50) }
  private static var longestWait: Duration { .seconds(2) }

  init(_ sweep: Sweep, _ records: SweepRecords, making maker: Maker, jobs: Int) {
    (self.sweep, self.records, self.maker) = (sweep, records, maker)
    let missing = sweep.runs.count { records[$0.name] == nil }
    self.jobs = max(1, min(jobs, missing))
    threads = Self.shares(of: sweep.threads, among: self.jobs)
    nextLook = clock.now
    look(at: records)
  }

  /// The threads of each of several runs; `nil` for one for each processor.
  static func shares(of threads: Int?, among jobs: Int) -> [Int?] {
    guard jobs > 1 else { return [threads] }
    let all = threads ?? ThreadPool.availableProcessors
    return (0..<jobs).map { max(1, all / jobs + ($0 < all % jobs ? 1 : 0)) }
  }

  /// Makes runs, and waits for those of others.
  ///
  /// - Returns: all records; `nil` where it was stopped before there were all.
  func work(_ tell: (Sweep.Event) throws -> Void) throws -> SweepRecords? {
    sweep.wasEndedElsewhere = false
    do {
      while !missing.isEmpty {
        try beginRuns(tell)
        if underWay.isEmpty, !missing.isEmpty, !isStopping {
          try tell(.waiting(runs: missing.count))
        }
        if underWay.isEmpty, isStopping { break }
        guard try pollRuns(tell) else { break }
        maker.pause()
      }
      try endRuns()
    } catch {
      try? endRuns()
      throw error
    }
    return missing.isEmpty ? records : nil
  }

  private var isStopping: Bool { sweep.isStopped || maker.isStopped }

  private func look(at records: SweepRecords) {
    self.records = records
    missing = sweep.runs.filter { records[$0.name] == nil }
    sweep.recorded = sweep.runs.count - missing.count
  }

  /// Looks at the records again; those of others may be new.
  private func look() throws(FileError) {
    look(at: try sweep.folder.readRecords())
    if missing.isEmpty { sweep.wasEndedElsewhere = true }
  }

  /// Begins as many runs as there is room for and nobody else makes.
  private func beginRuns(_ tell: (Sweep.Event) throws -> Void) throws {
    while underWay.count < jobs, !isStopping, clock.now >= nextLook {
      guard let (run, claim) = try claimed() else {
        nextLook = clock.now + wait
        wait = min(wait * 2, Self.longestWait)
        return
      }
      wait = Self.shortestWait
      try tell(.started(run.member))
      let slot = (0..<jobs).first { slot in !underWay.contains { $0.slot == slot } } ?? 0
      let making = try SweepMaking(run, of: sweep, threads: threads[slot], by: maker)
      underWay.append(UnderWay(run: run, claim: claim, slot: slot, making: making))
    }
  }

  /// A run that is not made, and the right to make it.
  private func claimed() throws(FileError) -> (SweepPlan.Run, SweepClaim)? {
    try look()
    for run in missing where !underWay.contains(where: { $0.run.name == run.name }) {
      guard
        let claim = try sweep.folder.claim(
          run.name, state: sweep.folder("\(run.name).weights.h5"))
      else { continue }
      // Another one may have made it since the records were read.
      try look()
      if records[run.name] == nil { return (run, claim) }
    }
    return nil
  }

  /// Looks after the runs that are under way, and records those that are made; whether to go on.
  private func pollRuns(_ tell: (Sweep.Event) throws -> Void) throws -> Bool {
    for run in underWay {
      if isStopping { run.making.stop() }
      let member = run.run.member
      let end: SweepMaking.End?
      do {
        end = try run.making.poll { event in
          try tell(.run(member, event))
          if case .warning(let warning) = event { try tell(.warning(warning)) }
          return sweep.isStopped ? .stop : .proceed
        }
      } catch {
        // Where it was the observer that ended all, a process that makes the run ends with this one.
        underWay.removeAll { $0.slot == run.slot }
        throw error
      }
      guard let end else { continue }
      guard let record = try take(end, of: run) else { return false }
      try tell(.made(member, record))
    }
    return true
  }

  /// Records how a run ended, and lets it go; its record, if it was not stopped.
  private func take(_ end: SweepMaking.End, of run: UnderWay) throws(FileError) -> SweepRecord? {
    defer { underWay.removeAll { $0.slot == run.slot } }
    guard case .recorded(let record) = end else { return nil }
    look(at: try sweep.folder.add([record]))
    return record
  }

  /// Stops all runs, waits until they are saved, and records those that were at their end.
  private func endRuns() throws {
    var failure: (any Error)?
    while let run = underWay.first {
      run.making.stop()
      do {
        if let end = try run.making.poll({ _ in .stop }) {
          _ = try take(end, of: run)
        } else {
          maker.pause()
        }
      } catch {
        failure = failure ?? error
        underWay.removeAll { $0.slot == run.slot }
      }
    }
    if let failure { throw failure }
  }
}
