import Checkpoints
import Files
import ModelFiles
import NeuralNetwork
import Training

/// What a run starts from, checked before the first step is made.
struct RunStart {
  let model: ModelFile
  let settings: TrainingSettings
  let state: TrainingState
  /// `nil` where nothing is left to do.
  let data: LabelledData?
  /// The data for validation alone, where there is such.
  let validation: LabelledData?
  let classNames: [String]
  let store: CheckpointStore
  /// Whether the store's file holds a state of this run.
  let hasSavedState: Bool
  /// Whether the store's best state is the best of this run.
  let hasBestState: Bool
  let warnings: [RunWarning]
  let isResumed: Bool
  /// What the network took from another file.
  let weightTransfer: WeightTransfer?

  /// A new run.
  init(
    model: ModelFile, data images: some TrainingImages, validation: (any TrainingImages)?,
    settings: TrainingSettings, path: String, initialWeights: InitialWeights?, options: RunOptions
  ) throws {
    try options.check()
    try settings.check(hasValidationSet: validation != nil)
    var network = try Network(model.spec, seed: settings.seed)
    try settings.loss.check(network)
    weightTransfer = try initialWeights?.load(into: &network)
    store = try CheckpointStore(path: path, keep: options.keep)
    store.replaced = store.files.existing
    try Self.refuse(store.replaced, options)
    for file in store.replaced { try Self.refuseUnlessCheckpoint(file) }
    let data = try images.trainingData()
    try data.check(network)
    self.validation = try validation?.validationData()
    try self.validation?.check(network)
    var state = TrainingState(network: network, settings: settings)
    state.basis.validationSamples = self.validation?.samples.count
    state.basis.hasValues = data.samples.targets != .classes
    self.state = state
    classNames = data.names(count: network.outputShape.count)
    (self.model, self.settings, self.data) = (model, settings, data)
    // What a load would refuse is refused before the first step is made.
    try Checkpoint(
      model: model, settings: settings, state: state, data: data.reference,
      validation: self.validation?.reference, classNames: classNames
    ).verifySaveable()
    (hasSavedState, hasBestState, warnings) = (false, false, [])
    isResumed = false
  }

  /// A resumed run.
  init(
    resuming path: String, data images: (any TrainingImages)?, validation: (any TrainingImages)?,
    epochs: Int?, saving other: String?, options: RunOptions
  ) throws {
    (weightTransfer, isResumed) = (nil, true)
    try options.check()
    let target = other ?? path
    // Before the state is read: another run might be about to replace it.
    store = try CheckpointStore(path: target, keep: options.keep)
    let isElsewhere = !isSameFile(path, target)
    let files = store.files
    let existing = files.existing
    if isElsewhere {
      try Self.refuse(existing.filter { $0 == files.path || $0 == files.best }, options)
    }
    let checkpoint = try Self.read(path, target: target)
    guard !checkpoint.state.isForUse else {
      throw FileError(
        .invalid, file: path, expected: "a state to resume from",
        found: "weights exported for use",
        hint: "train on from them with --init, or resume the checkpoint they are from")
    }
    (model, state, classNames) = (checkpoint.model, checkpoint.state, checkpoint.classNames)
    var warnings: [RunWarning] = []
    settings = try checkpoint.prolonged(to: epochs, &warnings)
    hasSavedState = !isElsewhere
    // Where a run goes back to one of its own earlier states, all of them are its own.
    if isElsewhere, !existing.contains(where: { isSameFile($0, path) }) {
      store.replaced = existing.filter {
        $0 != files.best && checkpoint.relation(to: $0) == .isOfAnotherRun
      }
      try Self.refuse(store.replaced, options)
    }
    let best = checkpoint.relation(to: files.best)
    if isElsewhere, best != .isItsBest {
      // Its bytes, as another run may have that file by the time of the first save.
      let image = try? WholeFile.read(CheckpointFiles(path).best)
      if checkpoint.relation(to: image) == .isItsBest { store.carriedBest = image }
    }
    hasBestState = best == .isItsBest
    if best == .isOfAnotherRun || (isElsewhere && best == .isNone) {
      store.replaced.append(files.best)
    }
    let reachesMaxSteps = options.maxSteps.map { checkpoint.state.optimizer.step >= $0 } ?? false
    if checkpoint.state.isFinished(settings) || reachesMaxSteps {
      (data, self.validation) = (nil, nil)
    } else {
      if let version = checkpoint.version, version != LibraryVersion.current {
        warnings.append(.otherVersion(state: path, version: version))
      }
      data = try checkpoint.findData(images, state: path, &warnings)
      self.validation = try checkpoint.findValidation(validation, state: path)
    }
    self.warnings = warnings
  }

  /// The trainer of the run.
  ///
  /// - Throws: a ``FileError`` where the state in a file does not go with its own settings or data, and
  ///   where a layer would learn from a sample that is not finite.
  func trainer(on data: LabelledData, threads: Int?, ranks: any Ranks) throws -> Trainer {
    do {
      let trainer = try Trainer(
        state, settings: settings, data: data.samples, validation: validation?.samples,
        threads: threads, ranks: ranks)
      trainer.dividesUpdates = ranks.count > 1
      return trainer
    } catch let error as SettingError where error.setting == "state" {
      throw FileError(
        .invalid, file: store.files.path, place: "state", expected: error.expected,
        found: error.found)
    } catch let fault as NumericFault {
      let noun = data.images == nil ? "sample" : "image"
      throw FileError(
        .invalid, file: data.sampleFile, place: fault.sample.map { "\(noun) \($0)" },
        expected: "finite numbers", found: "one that is not")
    }
  }

  /// Throws where there are files of another run, and they may not be replaced.
  private static func refuse(_ files: [String], _ options: RunOptions) throws(RunError) {
    if let path = files.first, !options.replacesExisting { throw .exists(path: path) }
  }

  /// A file that was never a run's is not replaced, whatever was named to be: it may be the model, or
  /// the data. An empty one is no loss.
  private static func refuseUnlessCheckpoint(_ path: String) throws(FileError) {
    guard try !Checkpoint.isLikely(path), try !WholeFile.start(of: path, count: 1).isEmpty else {
      return
    }
    throw FileError(
      .inputOutput, file: path, expected: "a checkpoint to replace", found: "another file",
      hint: "name another file, or remove this one")
  }

  /// Reads the state to resume from; where it is damaged, the error names the newest intact one.
  private static func read(_ path: String, target: String) throws -> Checkpoint {
    do throws(FileError) {
      return try Checkpoint(contentsOf: path)
    } catch {
      guard let (whole, checkpoint) = CheckpointFiles(path).newestIntactState() else { throw error }
      throw RunError.damaged(
        error, whole: whole, place: checkpoint.state.place, file: target)
    }
  }
}

extension Checkpoint {
  /// What a file is to the run of a state.
  fileprivate enum Relation { case isItsBest, isOfIt, isOfAnotherRun, isNone }

  /// What a file of a best state is to the run of this state; `isNone` where it cannot be read. One
  /// of a later epoch than this state knows of is the run's own: the run will reach it again.
  fileprivate func relation(to path: String) -> Relation {
    relation(to: try? WholeFile.read(path))
  }

  /// What the bytes of a file are to the run of this state; `isNone` where they cannot be read. A
  /// state of a later epoch than this one knows of is the run's own: the run comes to it again. Where
  /// one of the two has no epoch behind it, nothing shows that they are of one run.
  fileprivate func relation(to image: [UInt8]?) -> Relation {
    guard let image, let other = try? Checkpoint(image: image, path: "a state") else {
      return .isNone
    }
    let isSameData = data.map { $0.sha256 == (other.data ?? $0).sha256 } ?? true
    let epochs = Array(zip(state.history, other.state.history))
    guard isSameData, model.text == other.model.text,
      settings.whateverLength == other.settings.whateverLength,
      !epochs.isEmpty, epochs.allSatisfy({ $0.isSame(as: $1) })
    else { return .isOfAnotherRun }
    return other.state.epoch == state.best?.epoch ? .isItsBest : .isOfIt
  }

  /// The settings with another total of epochs.
  fileprivate func prolonged(
    to epochs: Int?, _ warnings: inout [RunWarning]
  ) throws(SettingError) -> TrainingSettings {
    guard let epochs, epochs != settings.epochs else { return settings }
    guard epochs > settings.epochs || epochs > state.epoch else {
      throw SettingError(
        "epochs", expected: "a total above the \(state.epoch) that are done", found: "\(epochs)")
    }
    var settings = settings
    let length = settings.scheduleEpochs ?? settings.epochs
    if epochs > settings.epochs, settings.schedule.course.holdsAfterLength {
      warnings.append(.scheduleEnds(epochs: length))
    }
    settings.scheduleEpochs = length
    settings.epochs = epochs
    try settings.check(hasValidationSet: state.basis.hasValidationSet)
    return settings
  }

  /// The data of the run: what was named, or else what the state names; in either case it must be
  /// what the run began with.
  fileprivate func findData(
    _ images: (any TrainingImages)?, state path: String, _ warnings: inout [RunWarning]
  ) throws -> LabelledData {
    let found: LabelledData
    if let images {
      found = try images.trainingData()
    } else {
      guard let paths = data?.paths, !paths.isEmpty else {
        throw RunError.dataNotNamed(state: path)
      }
      do throws(FileError) {
        found = try LabelledData(paths: paths, split: .train)
      } catch {
        throw RunError.dataNotFound(error, state: path)
      }
    }
    try found.check(state.network)
    guard let expected = data?.sha256 else {
      warnings.append(.unverifiedData(state: path))
      return found
    }
    guard found.sha256 == expected else {
      throw RunError.otherData(
        FileError(
          .invalid, file: found.sampleFile,
          place: found.images == nil
            ? "SHA-256 of samples and targets" : "SHA-256 of images and labels",
          expected: "\(expected), as the run began with", found: found.sha256))
    }
    return found
  }

  /// The data of the run for validation alone, likewise; `nil` where it has none.
  fileprivate func findValidation(
    _ images: (any TrainingImages)?, state path: String
  ) throws -> LabelledData? {
    guard state.basis.hasValidationSet else {
      guard images == nil else {
        throw SettingError(
          "validation data", expected: "none, as the run began with", found: "some")
      }
      return nil
    }
    let found: LabelledData
    if let images {
      found = try images.validationData()
    } else {
      guard let paths = validation?.paths, !paths.isEmpty else {
        throw RunError.dataNotNamed(state: path, for: .validation)
      }
      do throws(FileError) {
        found = try LabelledData(paths: paths, split: .validation)
      } catch {
        throw RunError.dataNotFound(error, state: path, for: .validation)
      }
    }
    try found.check(state.network)
    if let expected = state.basis.validationSHA256, found.sha256 != expected {
      throw RunError.otherData(
        FileError(
          .invalid, file: found.sampleFile,
          place: found.images == nil
            ? "SHA-256 of the validation samples and targets"
            : "SHA-256 of the validation images and labels",
          expected: "\(expected), as the run began with", found: found.sha256),
        for: .validation)
    }
    return found
  }
}

extension TrainingSettings {
  /// All that a run keeps for good: its length may be changed.
  fileprivate var whateverLength: TrainingOptions {
    var settings = self
    (settings.epochs, settings.scheduleEpochs) = (1, nil)
    return TrainingOptions(settings)
  }
}

extension EpochRecord {
  /// Whether two records are of the same epoch of the same run, whatever time it took.
  fileprivate func isSame(as other: EpochRecord) -> Bool {
    var record = other
    record.seconds = seconds
    return record == self
  }
}

extension TrainingState {
  /// How far a run has come, for messages: `after step 35 (the end of epoch 5)`.
  public var place: String {
    "after step \(optimizer.step) ("
      + (batch == 0 ? "the end of epoch \(epoch)" : "epoch \(epoch + 1), batch \(batch)") + ")"
  }
}
