import Files
import Platform
import Training

/// Runs of several models, settings and seeds, and the table of their results.
///
/// The runs that are made are recorded in a folder, so that a sweep that was stopped or killed
/// resumes where it was: it has each run's model and states, `runs.csv` with a line for each run,
/// and `table.csv`. Any number of sweeps of the same file may share the folder, on one machine or
/// several: each makes the runs that nobody else is making, and takes over those of one that was
/// killed.
///
/// ```swift
/// let table = try Sweep(SweepSpec(contentsOf: "rates.yaml")).run { event in
///   if case .made(let run, let record) = event { print(run.title, record.outcome) }
/// }
/// ```
public final class Sweep {
  /// One run of a sweep.
  public struct Member: Sendable, Equatable {
    /// Its number, counted from 1.
    public let number: Int
    /// The number of runs of the sweep.
    public let count: Int
    /// The model's name, or its file where another file's has the same.
    public let model: String
    /// What its settings are called.
    public let settings: String
    /// Its seed.
    public let seed: UInt64

    /// What messages call it: `3/8 lenet5 learning_rate=0.1 seed 2`.
    public var title: String {
      "\(number)/\(count) \(model) \(settings.isEmpty ? "" : settings + " ")seed \(seed)"
    }
  }

  /// What a sweep reports to its observer.
  public enum Event: Sendable {
    /// Something that may be unintended, or does not go well; each subject once.
    case warning(RunWarning)
    /// A run begins or resumes.
    case started(Member)
    /// What a run that is under way reports.
    case run(Member, RunEvent)
    /// A run is made and recorded.
    case made(Member, SweepRecord)
    /// There is nothing to do but to wait for so many runs that others are making; told again and again.
    case waiting(runs: Int)
  }

  /// What is to be run.
  public let spec: SweepSpec
  /// The share of the runs that is made here; all where `nil`.
  public let part: SweepPart?
  /// The file of the records.
  public var recordFile: String { folder.records }
  /// The file of the table.
  public var tableFile: String { folder("table.csv") }
  /// The number of runs to be made here, those that are made included.
  public var count: Int { runs.count }
  /// How many of them were recorded, here or elsewhere, when that was last looked at.
  public internal(set) var recorded = 0
  /// Whether the last call of ``run(_:)`` ended with a record of another worker, which has the table too.
  public internal(set) var wasEndedElsewhere = false

  /// Whether ``stop()`` was called since ``run(_:)`` was.
  var isStopped = false
  let plan: SweepPlan
  let folder: SweepFolder
  /// The runs to be made here.
  let runs: [SweepPlan.Run]
  let threads: Int?

  /// Checks all runs, before the first is made, and makes the folder.
  ///
  /// - Parameters:
  ///   - folder: where the runs are kept; named after the sweep's file where `nil`.
  ///   - threads: the threads of the runs that are under way at once; one for each processor where `nil`.
  ///   - part: a fixed share of the runs, which is made in a folder of its own inside the other one. No
  ///     lock or file is shared with the other parts: ``merge()`` joins them.
  /// - Throws: a ``FileError`` that names the place in the sweep's file, or what is wrong with a model
  ///   or the data; ``RunError/unsuitableFolder(_:isTaken:)``.
  public init(
    _ spec: SweepSpec, folder: String? = nil, threads: Int? = nil, part: SweepPart? = nil
  ) throws {
    plan = try SweepPlan(spec)
    let path = folder ?? spec.standardFolder
    self.folder =
      if let part {
        try SweepFolder(path, part: part, score: spec.score)
      } else {
        try SweepFolder(path, score: spec.score)
      }
    runs = plan.runs.filter { part?.contains(run: $0.member.number) ?? true }
    (self.spec, self.threads, self.part) = (spec, threads, part)
  }

  /// Makes the runs that are not made yet, waits for those that others are making, and writes the
  /// table.
  ///
  /// A run whose numbers stop being finite is recorded as failed, as it would fail again; what
  /// is wrong with files or the machine ends the sweep and is thrown.
  ///
  /// - Returns: the table, that of a part's own runs where it is one; `nil` where ``stop()`` was called.
  ///   Another call, or another sweep in the folder, resumes from there.
  @discardableResult
  public func run(_ observer: (Event) throws -> Void = { _ in }) throws -> SweepTable? {
    try run(making: RunInProcess(), observer)
  }

  /// The same with the runs made by somebody else; `nil` too where `maker` stopped one.
  ///
  /// - Parameters:
  ///   - maker: makes the runs.
  ///   - jobs: how many it makes at once; the threads are divided among them.
  package func run(
    making maker: some RunMaker, jobs: Int = 1, _ observer: (Event) throws -> Void
  ) throws -> SweepTable? {
    isStopped = false
    // From now on the folder belongs to a sweep.
    let records = try folder.begin()
    var warned: Set<String> = []
    func tell(_ event: Event) throws {
      if case .warning(let warning) = event, !warned.insert(warning.subject).inserted { return }
      try observer(event)
    }
    if spec.score == .test, plan.isChoice { try tell(.warning(.choiceOnTestImages)) }
    if part == nil, !folder.hasLocks {
      try tell(.warning(.folderWithoutLocks(folder: folder.path)))
    }
    let worker = SweepWorker(self, records, making: maker, jobs: jobs)
    guard let records = try worker.work(tell) else { return nil }
    let table = plan.table(records)
    if part == nil { try table.save(to: tableFile) }
    return table
  }

  /// Makes the sweep end after the current step, with its state saved. For its observer to
  /// call.
  public func stop() { isStopped = true }

  /// Joins the records that parts have left in the folder, and writes the table if no run is missing.
  public func merge() throws -> SweepMerge {
    require(part == nil, "a part of a sweep has no parts of its own to join")
    _ = try folder.begin()
    let records = try folder.add(folder.recordsOfParts())
    let missing = plan.runs.filter { records[$0.name] == nil }.map(\.member)
    let table = plan.table(records)
    if missing.isEmpty { try table.save(to: tableFile) }
    return SweepMerge(table: table, missing: missing)
  }
}

/// What ``Sweep/merge()`` came to.
public struct SweepMerge: Sendable {
  /// The table of the runs that there are.
  public let table: SweepTable
  /// The runs that no part has made.
  public let missing: [Sweep.Member]
}

extension SweepSpec {
  /// The sweep's file with `.sweep` in place of `.yaml`.
  package var standardFolder: String {
    let ending = ".yaml"
    return (file.hasSuffix(ending) ? String(file.dropLast(ending.count)) : file) + ".sweep"
  }
}
