import Checkpoints
import Files
import Training

/// One run of a sweep that is being made, or what is left of it.
final class SweepMaking {
  /// How it ended.
  enum End {
    case recorded(SweepRecord)
    /// It was stopped, and is saved.
    case stopped
  }

  private let run: SweepPlan.Run
  private let plan: SweepPlan
  private let task: RunTask
  private let messages: SweepMessageFile
  private let underWay: any RunUnderWay
  private let folder: SweepFolder
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant

  /// Begins it.
  init(
    _ run: SweepPlan.Run, of sweep: Sweep, threads: Int?, by maker: some RunMaker
  ) throws {
    let folder = sweep.folder
    let modelFile = folder("\(run.modelName).yaml")
    let file = folder("\(run.name).weights.h5")
    try Self.write(run.setup.model.text, to: modelFile)
    let step = try Self.stepDone(file)
    var settings = run.setup.settings
    settings.seed = run.member.seed
    messages = try folder.messageFile()
    task = RunTask(
      title: run.member.title, model: run.setup.model, modelFile: modelFile, settings: settings,
      data: sweep.plan.training, file: file, resumedFrom: step,
      // A best state without a last one is what a crash has left.
      options: RunOptions(replacesExisting: step == nil, threads: threads), abandonedAfter: nil,
      messageFile: messages.path)
    (self.run, plan, self.folder) = (run, sweep.plan, folder)
    start = clock.now
    underWay = try maker.begin(task)
  }

  deinit { folder.release(messages) }

  /// How it ended; `nil` while it is under way.
  func poll(_ observer: (RunEvent) throws -> TrainingDecision) throws -> End? {
    guard let end = try underWay.poll(observer) else { return nil }
    var seconds = (clock.now - start) / .seconds(1)
    let outcome: SweepRecord.Outcome
    switch end {
    case .stopped, .abandoned: return .stopped
    case .diverged(let reason): outcome = .failed(reason)
    case .finished:
      let last = try Checkpoint(contentsOf: task.file)
      guard last.state.isFinished(last.settings) else {
        throw FileError(
          .invalid, file: task.file,
          found: "the run ended early; the same sweep resumes from there")
      }
      // A run in parts has no time of its own, but its epochs have.
      if task.resumedFrom != nil { seconds = last.state.history.reduce(0) { $0 + $1.seconds } }
      outcome = try plan.score(last, file: task.file, threads: task.options.threads)
    }
    return .recorded(
      SweepRecord(
        name: run.name, settings: run.setup.label, seed: run.member.seed, seconds: seconds,
        outcome: outcome))
  }

  /// Makes it end after the current step, with its state saved.
  func stop() { underWay.stop() }

  /// Writes a file unless it has that text, as others may be reading it.
  private static func write(_ text: String, to path: String) throws(FileError) {
    let bytes = Array(text.utf8)
    if let found = try? WholeFile.read(path), found == bytes { return }
    try AtomicFile.write(bytes, to: path)
  }

  /// The step of the state in a file; `nil` where there is none.
  private static func stepDone(_ file: String) throws(FileError) -> Int? {
    guard WholeFile.exists(file) else { return nil }
    do throws(FileError) {
      return try Checkpoint(contentsOf: file).state.optimizer.step
    } catch {
      var error = error
      error.hint = "remove \(file) to repeat the run"
      throw error
    }
  }
}

extension SweepPlan {
  /// What a run is scored by: its last epoch, or its best one where patience may end it.
  func score(
    _ last: Checkpoint, file: String, threads: Int?
  ) throws -> SweepRecord.Outcome {
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
