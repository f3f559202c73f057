import Checkpoints
import ModelFiles
import NeuralNetwork
import Platform
import Training

/// A training run from its first step to its last, kept in files from which a run that was stopped
/// or killed resumes as if it had not been.
///
/// The last full state is in the file that the run is named after, the best by validation beside it
/// in `NAME.best.weights.h5`, and those before the last one, if any are kept, in
/// `NAME.1.weights.h5` (the newest) and so on. From the making of the object to the end of ``train(_:)``
/// no other run can be saved there.
///
/// ```swift
/// let run = try Run(model: spec, data: folder, settings: settings, saving: "digits.weights.h5")
/// try run.train()
/// let again = try Run(resuming: "digits.weights.h5", epochs: 10)
/// try again.train()
/// ```
public final class Run {
  /// The model as a file states it.
  public let model: ModelFile
  /// The settings, those of a resumed run with the epochs that it was extended to.
  public let settings: TrainingSettings
  /// How the run is carried out.
  public let options: RunOptions
  /// The data; `nil` where nothing is left to do, for which none is read.
  public let data: LabelledData?
  /// The data for validation alone; `nil` where there is none, or nothing is left to do.
  public let validation: LabelledData?
  /// The names of the classes; none where the samples have numbers for targets.
  public let classNames: [String]
  /// The files of the run.
  public var files: CheckpointFiles { store.files }
  /// Whether ``files`` has a state of this run: not before the first save of a run that is new, or
  /// that continues in another file.
  public internal(set) var hasSavedState: Bool

  /// What the network took from another file at the beginning of the run; `nil` where there was none, and of
  /// a resumed run.
  public let weightTransfer: WeightTransfer?

  let store: CheckpointStore
  let group: RankGroup
  let stage: Stage
  /// Whether the best state in ``files`` is the best one of this run.
  var hasBestState: Bool
  /// Whether ``stop()`` was called since training began.
  var isStopped = false
  /// Whether nothing has happened since the last save.
  var isSaved = false
  /// What the run writes besides its states.
  let log: RunLog?
  /// Warnings known from the start, until they are reported.
  var warnings: [RunWarning]

  /// A run that trains, or the state of one that has nothing left to do.
  enum Stage {
    case training(Trainer, DataReference)
    case done(TrainingState)
  }

  /// Begins a run.
  ///
  /// - Parameters:
  ///   - model: the layers; types of your own are in the ``LayerRegistry``, or no file could state them.
  ///   - data: what to train on: a folder, files, or samples in memory.
  ///   - validation: samples for validation alone, in place of a share of the others.
  ///   - path: the file of the last state, `NAME.weights.h5`.
  ///   - initialWeights: a file whose weights the run starts from, in place of random ones, as far as they
  ///     fit: ``weightTransfer`` says what was taken.
  ///   - ranks: the processes that train together, of which this is the first; the others each make a
  ///     ``FollowingRun``.
  /// - Throws: ``RunError/exists(path:)`` where files of a run are there already and the options do
  ///   not let it replace them; ``ModelError``, ``SettingError`` and ``FileError`` for what cannot be
  ///   trained or saved; ``RankFault`` where another rank cannot begin, or differs from this one.
  public convenience init(
    model: ModelSpec, data: some TrainingImages, validation: (any TrainingImages)? = nil,
    settings: TrainingSettings = TrainingSettings(), saving path: String,
    initialWeights: InitialWeights? = nil, options: RunOptions = RunOptions(),
    ranks: any Ranks = Alone.only
  ) throws {
    try self.init(options, ranks) {
      guard let file = ModelFile(model) else { throw ModelError(unstatable: model) }
      return try RunStart(
        model: file, data: data, validation: validation, settings: settings, path: path,
        initialWeights: initialWeights, options: options)
    }
  }

  /// Begins a run of a model file, with the file's own settings where none are given; samples for
  /// validation alone then take the place of a share that the file sets aside.
  public convenience init(
    model: ModelFile, data: some TrainingImages, validation: (any TrainingImages)? = nil,
    settings: TrainingSettings? = nil, saving path: String, initialWeights: InitialWeights? = nil,
    options: RunOptions = RunOptions(), ranks: any Ranks = Alone.only
  ) throws {
    try self.init(options, ranks) {
      try RunStart(
        model: model, data: data, validation: validation,
        settings: settings
          ?? (validation == nil ? model.training : model.training.forValidationSet).resolve(
            defaultSeed: TrainingSettings().seed, hasValidationSet: validation != nil),
        path: path, initialWeights: initialWeights, options: options)
    }
  }

  /// Resumes the run whose state is in a file.
  ///
  /// - Parameters:
  ///   - path: the state; it names the data of its run, which must be unchanged.
  ///   - data: the same data elsewhere, or in memory.
  ///   - validation: the same of the data for validation alone.
  ///   - epochs: a new total; the schedule keeps its length.
  ///   - other: where the run is saved from now on; `path` where `nil`. Its best state is taken along.
  ///   - ranks: as where a run begins; how many the run had before does not matter.
  /// - Throws: ``RunError`` where the state is damaged and another one of its run is intact, where
  ///   the data differs or cannot be found, and where `other` already has files of a run;
  ///   ``FileError`` and ``SettingError``.
  public convenience init(
    resuming path: String, data: (any TrainingImages)? = nil,
    validation: (any TrainingImages)? = nil, epochs: Int? = nil, saving other: String? = nil,
    options: RunOptions = RunOptions(), ranks: any Ranks = Alone.only
  ) throws {
    try self.init(options, ranks) {
      try RunStart(
        resuming: path, data: data, validation: validation, epochs: epochs, saving: other,
        options: options)
    }
  }

  private init(
    _ options: RunOptions, _ ranks: any Ranks, _ begin: () throws -> RunStart
  ) throws {
    require(ranks.isFirst, "rank \(ranks.rank) makes a FollowingRun; the first one makes the run")
    let (group, (start, packet)) = try RankGroup.form(of: ranks) {
      let start = try begin()
      return (start, ranks.count == 1 ? nil : try StartPacket(start, options))
    }
    try packet?.send(over: ranks)
    self.group = group
    (model, settings, classNames) = (start.model, start.settings, start.classNames)
    (data, validation, store) = (start.data, start.validation, start.store)
    warnings = start.warnings
    (hasSavedState, hasBestState) = (start.hasSavedState, start.hasBestState)
    weightTransfer = start.weightTransfer
    self.options = options
    guard let data = start.data else {
      try group.meet()
      (stage, log, threadsOfRanks) = (.done(start.state), nil, [])
      return
    }
    let (trainer, log) = try group.make {
      let trainer = try start.trainer(
        on: data, threads: options.threads ?? group.threads, ranks: ranks)
      let log = try options.log.map {
        try RunLog($0, of: trainer, replaces: options.replacesExisting)
      }
      return (trainer, log)
    } alike: { made in
      RunFacts.atStart(
        made.0.state, model: start.model, settings: start.settings, data: data,
        validation: start.validation)
    }
    trainer.lastStep = options.maxSteps
    (stage, self.log) = (.training(trainer, data.reference), log)
    let all = try group.gather(
      threads: trainer.threads, of: options.threads ?? group.threads ?? trainer.threads)
    threadsOfRanks = all.map(\.threads)
    if let warning = settings.augmentation.flipWarning(for: data) { warnings.append(warning) }
    let idle = IdleProcessors(
      trainer.state.network, settings: settings, samples: trainer.split.training.count,
      threads: group.isAlone ? options.threads : all.reduce(0) { $0 + $1.wanted },
      ranks: ranks.count, isResumed: start.isResumed)
    if let idle { warnings.append(.idleProcessors(idle)) }
  }

  /// The state that the run has reached. On several ranks, between what is saved and the ends of epochs, without all
  /// of the optimizer's memory (``TrainingState/isDivided``).
  public var state: TrainingState {
    switch stage {
    case .training(let trainer, _): trainer.state
    case .done(let state): state
    }
  }

  /// Which samples train and which validate; `nil` where nothing is left to do.
  public var split: SampleSplit? { trainer?.split }

  /// The number of samples that validate; 0 where nothing is left to do.
  public var validationCount: Int { trainer?.validationCount ?? 0 }

  /// The number of threads that work, on this rank where there are several; 0 where nothing is left to do.
  public var threads: Int { trainer?.threads ?? 0 }

  /// The number of threads that work on each rank; one number where this process trains alone, none where nothing
  /// is left to do.
  public let threadsOfRanks: [Int]

  /// Whether the settings, or ``RunOptions/maxSteps``, leave nothing to do.
  public var isDone: Bool { state.isFinished(settings) || hasReachedMaxSteps }

  private var trainer: Trainer? {
    if case .training(let trainer, _) = stage { trainer } else { nil }
  }

  var hasReachedMaxSteps: Bool {
    options.maxSteps.map { state.optimizer.step >= $0 } ?? false
  }
}
