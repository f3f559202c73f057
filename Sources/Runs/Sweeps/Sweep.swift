import Checkpoints
import Files
import ImageData
import ModelFiles
import Training

/// Runs of several models, settings and seeds, and the table of their results.
///
/// The runs that are made are recorded in a folder, so that a sweep that was stopped or killed
/// resumes where it was: it has each run's model and states, `runs.csv` with a line for each run,
/// and `table.csv`. From the making of the object to the end of ``run(making:_:)`` no other sweep
/// can use the folder.
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
    /// What the current run reports.
    case run(Member, RunEvent)
    /// A run is made and recorded.
    case made(Member, SweepRecord)
  }

  /// What is to be run.
  public let spec: SweepSpec
  /// The file of the records.
  public var recordFile: String { SweepFolder.records(folder.path) }

  /// Whether ``stop()`` was called since ``run(_:)`` was.
  private var isStopped = false
  private let folder: SweepFolder
  private let setups: [SweepSetup]
  private let threads: Int?
  private let training: LabelledData
  /// What the runs are scored by.
  private let scoring: LabelledData
  /// The digests of what the runs learn from and of what they are scored by.
  private let dataSHA256: String

  /// Checks all runs, before the first is made, and takes the folder.
  ///
  /// - Parameters:
  ///   - folder: where the runs are kept; named after the sweep's file where `nil`.
  ///   - threads: the threads of a run; one for each processor where `nil`.
  /// - Throws: a ``FileError`` that names the place in the sweep's file, or what is wrong with a model
  ///   or the data; ``RunError/unsuitableFolder(_:)``.
  public init(_ spec: SweepSpec, folder: String? = nil, threads: Int? = nil) throws {
    let setups = try spec.combinations.map { try SweepSetup($0, of: spec) }
    let data = DataFolder(spec.path(of: spec.data))
    let training = try LabelledData(data, split: .train)
    let test = spec.score == .test ? try LabelledData(data, split: .test) : nil
    let dataSHA256 = [training, test].compactMap { $0?.sha256 }.joined(separator: " ")
    var names: Set<String> = []
    for setup in setups {
      try setup.check(training: training, test: test)
      guard names.insert(setup.name(dataSHA256: dataSHA256)).inserted else {
        throw FileError(
          .invalid, file: spec.file,
          place: setup.label.isEmpty ? setup.file : "\(setup.file) \(setup.label)",
          found: "the same model and settings are stated twice")
      }
    }
    self.folder = try SweepFolder(folder ?? spec.standardFolder)
    (self.spec, self.setups, self.threads) = (spec, setups, threads)
    (self.training, scoring, self.dataSHA256) = (training, test ?? training, dataSHA256)
  }

  /// Makes the runs that are not made yet, one after the other, and writes the table.
  ///
  /// A run whose numbers stop being finite is recorded as failed, as it would fail again; what
  /// is wrong with files or the machine ends the sweep and is thrown.
  ///
  /// - Parameter maker: makes the runs.
  /// - Returns: the table; `nil` where ``stop()`` was called or `maker` stopped a run. Another call, or
  ///   another sweep in the folder, resumes from there.
  @discardableResult
  public func run(_ observer: (Event) throws -> Void = { _ in }) throws -> SweepTable? {
    try run(making: RunInProcess(), observer)
  }

  /// The same with the runs made by somebody else; `nil` too where `maker` stopped one.
  package func run(
    making maker: some RunMaker, _ observer: (Event) throws -> Void
  ) throws -> SweepTable? {
    isStopped = false
    try folder.take()
    defer { folder.release() }
    var records = try SweepRecords(path: recordFile, score: spec.score)
    // From now on the folder belongs to a sweep.
    try records.save()
    var warned: Set<String> = []
    func tell(_ event: Event) throws {
      if case .warning(let warning) = event, !warned.insert(warning.subject).inserted { return }
      try observer(event)
    }
    if spec.score == .test, setups.count > 1 { try tell(.warning(.choiceOnTestImages)) }
    var rows: [SweepRow] = []
    for (index, setup) in setups.enumerated() {
      let name = setup.name(dataSHA256: dataSHA256)
      var results: [SweepRecord] = []
      for (place, seed) in spec.seeds.enumerated() {
        if let known = records["\(name)-\(seed)"] {
          results.append(known)
          continue
        }
        if isStopped { return nil }
        let run = Member(
          number: index * spec.seeds.count + place + 1, count: setups.count * spec.seeds.count,
          model: modelName(setup), settings: setup.label, seed: seed)
        try tell(.started(run))
        let record = try make(run, of: setup, named: name, by: maker) { event in
          try tell(.run(run, event))
          if case .warning(let warning) = event { try tell(.warning(warning)) }
          return isStopped ? .stop : .proceed
        }
        guard let record else { return nil }
        try records.add(record)
        results.append(record)
        try tell(.made(run, record))
      }
      rows.append(SweepRow(model: modelName(setup), settings: setup.label, results: results))
    }
    let table = SweepTable(score: spec.score, rows: rows)
    try table.save(to: folder("table.csv"))
    return table
  }

  /// Makes ``run(making:_:)`` end after the current step, with its state saved. For its observer to
  /// call.
  public func stop() { isStopped = true }

  /// The model's name, or its file where another file's has the same.
  private func modelName(_ setup: SweepSetup) -> String {
    let name = setup.model.spec.name
    return setups.contains { $0.model.spec.name == name && $0.file != setup.file }
      ? setup.file : name
  }
}

extension Sweep {
  /// Makes a run, or what is left of it; `nil` where it was stopped.
  private func make(
    _ run: Member, of setup: SweepSetup, named name: String, by maker: some RunMaker,
    _ observer: (RunEvent) throws -> TrainingDecision
  ) throws -> SweepRecord? {
    let name = (model: folder("\(name).yaml"), run: "\(name)-\(run.seed)")
    let file = folder("\(name.run).weights.h5")
    try AtomicFile.write(Array(setup.model.text.utf8), to: name.model)
    let step = try stepDone(file)
    var settings = setup.settings
    settings.seed = run.seed
    let task = RunTask(
      title: run.title, model: setup.model, modelFile: name.model, settings: settings,
      data: training, file: file, resumedFrom: step,
      // A best state without a last one is what a crash has left.
      options: RunOptions(replacesExisting: step == nil, threads: threads), abandonedAfter: nil)
    let clock = ContinuousClock()
    let begin = clock.now
    let end = try maker.make(task, observer)
    var seconds = (clock.now - begin) / .seconds(1)
    let outcome: SweepRecord.Outcome
    switch end {
    case .stopped, .abandoned: return nil
    case .diverged(let reason): outcome = .failed(reason)
    case .finished:
      let last = try Checkpoint(contentsOf: file)
      guard last.state.isFinished(last.settings) else {
        throw FileError(
          .invalid, file: file,
          found: "the run ended early; the same sweep resumes from there")
      }
      // A run in parts has no time of its own, but its epochs have.
      if step != nil { seconds = last.state.history.reduce(0) { $0 + $1.seconds } }
      outcome = try score(last, file)
    }
    return SweepRecord(
      name: name.run, settings: setup.label, seed: run.seed, seconds: seconds, outcome: outcome)
  }

  /// The step of the state in a file; `nil` where there is none.
  private func stepDone(_ file: String) throws(FileError) -> Int? {
    guard WholeFile.exists(file) else { return nil }
    do throws(FileError) {
      return try Checkpoint(contentsOf: file).state.optimizer.step
    } catch {
      var error = error
      error.hint = "remove \(file) to repeat the run"
      throw error
    }
  }

  /// What a run is scored by: its last epoch, or its best one where patience may end it.
  private func score(_ last: Checkpoint, _ file: String) throws -> SweepRecord.Outcome {
    let takesBest = last.settings.patience != nil
    switch spec.score {
    case .validation:
      let record = takesBest ? last.state.best : last.state.history.last
      guard let accuracy = record?.validationAccuracy else {
        throw FileError(.invalid, file: file, found: "no validation accuracy")
      }
      let split = try SampleSplit(scoring.samples, settings: last.settings)
      return .finished(
        epochs: last.state.epoch, accuracy: accuracy, images: split.validation.count)
    case .test:
      let taken = takesBest ? try Checkpoint(contentsOf: CheckpointFiles(file).best) : last
      let evaluation = Evaluation(
        taken.network, on: scoring.samples, loss: taken.settings.loss,
        labelSmoothing: taken.settings.labelSmoothing, threads: threads)
      return .finished(
        epochs: last.state.epoch, accuracy: evaluation.accuracy, images: evaluation.samples)
    }
  }
}

extension SweepSpec {
  /// The sweep's file with `.sweep` in place of `.yaml`.
  package var standardFolder: String {
    let ending = ".yaml"
    return (file.hasSuffix(ending) ? String(file.dropLast(ending.count)) : file) + ".sweep"
  }
}
