import Checkpoints
import Files
import ModelFiles
import NeuralNetwork
import Platform
import Training

/// Shows on a model, its settings and its data that a run which is abandoned at random steps and
/// resumed, each time on a different number of threads, ends with the same bits as an uninterrupted
/// one.
///
/// Both runs are made in a temporary folder, which is removed afterwards.
public struct ResumeProof: Sendable {
  /// What a proof reports to its observer. An error that the observer throws ends the proof.
  public enum Event: Sendable {
    /// The run that is not abandoned is done.
    case ranThrough(TrainingState, seed: UInt64, threads: Int)
    /// The other one was abandoned, and is resumed.
    case abandoned(Break)
    /// What the current run reports.
    case run(RunEvent)
  }

  /// Where the run was abandoned, and how it was resumed.
  public struct Break: Sendable, Equatable {
    /// The last step that was made.
    public let afterStep: Int
    /// The step of the state that it was resumed from; 0 where there was none yet.
    public let resumedFromStep: Int
    /// The number of threads from there on.
    public let threads: Int
  }

  /// What the two runs have in common at their ends.
  public struct Outcome: Sendable, Equatable {
    /// The seed of both.
    public let seed: UInt64
    /// The steps of a run.
    public let steps: Int
    /// Where the second one was abandoned.
    public let breaks: [Break]
    /// The digests of what both runs ended with.
    public let weights: Comparison
    /// Those of weights, optimizer, settings and history.
    public let state: Comparison
    /// Those of the best state; `nil` where no epoch is best, as nothing is set aside for validation.
    public let best: Comparison?

    /// Whether all is the same.
    public var isSame: Bool { weights.isSame && state.isSame && best?.isSame != false }
  }

  /// Two digests (SHA-256, in hexadecimal).
  public struct Comparison: Sendable, Equatable {
    /// That of the run that ran through.
    public let whole: String
    /// That of the run that was abandoned and resumed.
    public let resumed: String

    /// Whether they are the same.
    public var isSame: Bool { whole == resumed }
  }

  private let model: ModelFile
  private let settings: TrainingSettings
  private let data: LabelledData
  private let validation: LabelledData?
  private let threads: Int

  /// Prepares a proof.
  ///
  /// - Parameters:
  ///   - validation: samples for validation alone, in place of a share of the others.
  ///   - threads: those of the run that is not abandoned; one for each processor where `nil`.
  /// - Throws: a ``ModelError`` where no file can state the model, ``SettingError`` and ``FileError``.
  public init(
    model: ModelSpec, data: some TrainingImages, validation: (any TrainingImages)? = nil,
    settings: TrainingSettings, threads: Int? = nil
  ) throws {
    try settings.check(hasValidationSet: validation != nil)
    guard let file = ModelFile(model, training: TrainingOptions(settings)) else {
      throw ModelError(unstatable: model)
    }
    self.model = file
    self.settings = settings
    self.data = try data.trainingData()
    self.validation = try validation?.validationData()
    self.threads = threads ?? ThreadPool.availableProcessors
  }

  /// Makes both runs and compares them.
  ///
  /// - Parameters:
  ///   - breaks: how often the second run is abandoned, if it has that many steps.
  ///   - maker: makes the runs.
  /// - Throws: ``RunError/tooShort(steps:)``, ``RunError/diverged(_:)``, and what a run throws;
  ///   `CancellationError` where `maker` has stopped one.
  public func run(
    breaks: Int = 3, _ observer: (Event) throws -> Void = { _ in }
  ) throws -> Outcome {
    try run(breaks: breaks, making: RunInProcess(), observer)
  }

  /// The same with the runs made by somebody else; throws a `CancellationError` where `maker` has
  /// stopped one.
  package func run(
    breaks: Int, making maker: some RunMaker, _ observer: (Event) throws -> Void
  ) throws -> Outcome {
    require(breaks >= 0, "a run can be abandoned 0 times or more, not \(breaks)")
    let folder = try ScratchFolder()
    let modelFile = folder("model.yaml")
    try AtomicFile.write(Array(model.text.utf8), to: modelFile)
    let whole = folder("whole.weights.h5"), resumed = folder("resumed.weights.h5")
    func make(
      _ file: String, from step: Int?, until last: Int? = nil, every: Int? = nil, threads: Int
    ) throws {
      let task = RunTask(
        title: model.spec.name, model: model, modelFile: modelFile, settings: settings, data: data,
        validation: validation, file: file, resumedFrom: step,
        options: RunOptions(
          saveEvery: every.map { .steps($0) }, replacesExisting: step == nil, threads: threads),
        abandonedAfter: last)
      let end = try maker.make(task) { event in
        try observer(.run(event))
        return .proceed
      }
      if case .diverged(let reason) = end { throw RunError.diverged(reason) }
      if end == .stopped { throw CancellationError() }
      require(
        end == (last == nil ? .finished : .abandoned),
        "a run that was to end after step \(last.map(String.init) ?? "its last") ended \(end)")
    }

    try make(whole, from: nil, threads: threads)
    let end = try Checkpoint(contentsOf: whole)
    let steps = end.state.optimizer.step
    guard steps > 1 else { throw RunError.tooShort(steps: steps) }
    try observer(.ranThrough(end.state, seed: settings.seed, threads: threads))

    // States are saved a few times between two breaks, so that runs are resumed inside epochs.
    let every = max(1, steps / (3 * (breaks + 1)))
    var list: [Break] = []
    var place: Int?
    var workers = threads
    for moment in moments(breaks, steps: steps) where moment > place ?? 0 {
      try make(resumed, from: place, until: moment, every: every, threads: workers)
      workers = workers % 4 + 1
      if WholeFile.exists(resumed) {
        place = try Checkpoint(contentsOf: resumed).state.optimizer.step
      }
      let stop = Break(afterStep: moment, resumedFromStep: place ?? 0, threads: workers)
      list.append(stop)
      try observer(.abandoned(stop))
    }
    try make(resumed, from: place, every: every, threads: workers)
    return try Outcome(
      seed: settings.seed, steps: steps, breaks: list, of: end, (whole, resumed))
  }

  /// Random steps, ascending, that are not the last one.
  private func moments(_ count: Int, steps: Int) -> [Int] {
    var random = CounterRandom(seed: settings.seed, .test)
    var moments = Set<Int>()
    while moments.count < min(count, steps - 1) { moments.insert(1 + random.below(steps - 1)) }
    return moments.sorted()
  }
}

extension ResumeProof.Outcome {
  /// Compares what two runs have left in their files.
  fileprivate init(
    seed: UInt64, steps: Int, breaks: [ResumeProof.Break], of whole: Checkpoint,
    _ files: (whole: String, resumed: String)
  ) throws {
    func bestState(_ file: String) throws -> String {
      let path = CheckpointFiles(file).best
      return WholeFile.exists(path) ? try Checkpoint(contentsOf: path).stateSHA256() : "none"
    }
    let resumed = try Checkpoint(contentsOf: files.resumed)
    let best = ResumeProof.Comparison(
      whole: try bestState(files.whole), resumed: try bestState(files.resumed))
    self.init(
      seed: seed, steps: steps, breaks: breaks,
      weights: ResumeProof.Comparison(
        whole: whole.state.network.weightsSHA256, resumed: resumed.state.network.weightsSHA256),
      state: ResumeProof.Comparison(
        whole: try whole.stateSHA256(), resumed: try resumed.stateSHA256()),
      best: best == ResumeProof.Comparison(whole: "none", resumed: "none") ? nil : best)
  }
}
