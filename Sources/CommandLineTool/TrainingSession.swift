import ArgumentParser
import MiniCNN

/// One run of the trainer in front of a user: shows, saves, stops when asked.
struct TrainingSession {
  private let setup: TrainingSetup
  private let command: Train
  private let trainer: Trainer
  private var bar: ProgressBar
  private var clock: SavingClock
  /// What the epoch under way has been warned of.
  private var warnings: [TrainingWarning] = []
  /// What the user has been told of.
  private var warned: Set<String> = []
  /// Whether the checkpoint holds a state of this run.
  private var hasGoodState: Bool
  /// Whether the best state there is one of this run.
  private var hasBestState: Bool

  init(_ setup: TrainingSetup, _ command: Train) throws {
    self.setup = setup
    self.command = command
    trainer = try Trainer(
      setup.state, settings: setup.settings, data: setup.data.set, threads: command.threads)
    // A resumed run that is saved elsewhere has nothing there yet.
    hasGoodState = command.resume == setup.store.files.path
    hasBestState = hasGoodState && WholeFile.exists(setup.store.files.best)
    clock = SavingClock(command.checkpointEvery)
    bar = ProgressBar(
      isShown: Terminal.isInteractive && !command.json, epochs: setup.settings.epochs)
  }

  /// Trains to the end, to the last step that was asked for, or until a signal comes.
  mutating func run() throws {
    announce()
    do {
      try trainer.run { event in
        switch event {
        case .step(let report):
          FaultPoint.step.pass()
          bar.update(report)
          if clock.isDue(step: trainer.state.optimizer.step) { try save() }
        case .warning(let warning):
          warnings.append(warning)
          // A layer that stays as it is need not be named after every epoch.
          if warned.insert(warning.subject).inserted {
            bar.clear()
            Terminal.message("warning: \(warning)")
          }
        case .epoch(let record, let isBest):
          bar.clear()
          try save(isBest: isBest)
          try report(record, isBest: isBest)
          warnings = []
        case .stoppedEarly(let best):
          Terminal.message(
            "stopped early: no better validation accuracy since epoch \(best.epoch)")
        }
        return mustStop(behind: event) ? .stop : .proceed
      }
      if !trainer.state.isFinished(setup.settings) { try save() }
    } catch let error as DivergenceError {
      bar.clear()
      throw Failure(.failed, "\(error); \(setup.store.files.path) \(savedState)")
    }
    if !trainer.state.isFinished(setup.settings) {
      bar.clear()
      sayHowToGoOn()
      if let code = Interruption.exitCode { throw ExitCode(code) }
    }
    sayBest()
    if !command.json { Terminal.result("saved \(setup.store.files.path)") }
  }

  private func sayBest() {
    guard let best = trainer.state.best, let accuracy = best.validationAccuracy else { return }
    let samples = trainer.split.validation.count
    Terminal.message(
      "best validation accuracy \(Format.accuracy(accuracy, samples: samples)) in epoch"
        + " \(best.epoch), the best of \(trainer.state.epoch)"
        + (hasBestState ? ", whose weights are in \(setup.store.files.best)" : ""))
  }

  /// Whether a signal, or the last step that was asked for, ends the run here.
  private func mustStop(behind event: TrainingEvent) -> Bool {
    // What follows a warning belongs to the same step or epoch.
    if case .warning = event { return false }
    if Interruption.exitCode != nil { return true }
    guard let limit = command.maxSteps, trainer.state.optimizer.step >= limit else { return false }
    // What ends an epoch takes no step of its own, so it is not left for the next run.
    if case .step(let report) = event { return report.batch < report.batches }
    return !trainer.state.isFinished(setup.settings)
  }

  private func announce() {
    setup.settings.augmentation.warn(of: setup.data)
    let split = trainer.split
    let network = trainer.state.network
    Terminal.message(
      "\(network.spec.name): \(Format.grouped(network.parameterCount)) parameters,"
        + " \(Format.grouped(split.training.count)) training images"
        + (split.validation.isEmpty
          ? "" : ", \(Format.grouped(split.validation.count)) for validation")
        + ", \(setup.settings.update.optimizer.kind), batch \(setup.settings.batchSize),"
        + " seed \(setup.settings.seed), \(trainer.threads) threads")
    if trainer.state.optimizer.step > 0 {
      Terminal.message(
        "going on in epoch \(trainer.state.epoch + 1) behind batch \(trainer.state.batch)")
    }
  }

  private mutating func save(isBest: Bool = false) throws {
    try trainer.checkState()
    let checkpoint = Checkpoint(
      model: setup.model, settings: setup.settings, state: trainer.state, data: setup.reference,
      classNames: setup.classNames)
    try setup.store.save(checkpoint, isBest: isBest)
    hasGoodState = true
    if isBest { hasBestState = true }
    clock.reset()
  }

  private var savedState: String {
    hasGoodState ? "holds the last good state" : "was left as it was"
  }

  private func report(_ record: EpochRecord, isBest: Bool) throws {
    let speed = Double(trainer.split.training.count) / max(record.seconds, 1e-9)
    let sha256 = trainer.state.network.weightsSHA256
    if command.json {
      return try JSONOutput.print(
        EpochOutput(
          record, validationSamples: trainer.split.validation.count, imagesPerSecond: speed,
          best: isBest, weightsSHA256: sha256, warnings: warnings))
    }
    var line = "epoch \(record.epoch)/\(setup.settings.epochs)"
    line += "  loss \(Format.fixed(record.loss, 4))"
    line += "  accuracy \(Format.percent(record.accuracy))"
    if let loss = record.validationLoss, let accuracy = record.validationAccuracy {
      line += "  validation loss \(Format.fixed(loss, 4))"
      line += "  accuracy \(Format.percent(accuracy))\(isBest ? " (best)" : "")"
    }
    line += "  \(Format.fixed(record.seconds, 1)) s, \(Format.grouped(Int(speed))) images/s"
    line += "  weights \(sha256.prefix(12))"
    Terminal.result(line)
  }

  private func sayHowToGoOn() {
    Terminal.message(
      "stopped \(trainer.state.place); go on with:"
        + " minicnn train --resume \(setup.store.files.path)")
  }
}

/// What `--json` prints for an epoch.
private struct EpochOutput: Encodable {
  let epoch: Int
  let loss: Double
  let accuracy: Double
  let validationLoss: Double?
  let validationAccuracy: Double?
  let validationInterval: [Double]?
  let learningRate: Double
  let seconds: Double
  let imagesPerSecond: Double
  let best: Bool
  let weightsSHA256: String
  let warnings: [String]

  init(
    _ record: EpochRecord, validationSamples: Int, imagesPerSecond: Double, best: Bool,
    weightsSHA256: String, warnings: [TrainingWarning]
  ) {
    epoch = record.epoch
    loss = record.loss
    accuracy = record.accuracy
    validationLoss = record.validationLoss
    validationAccuracy = record.validationAccuracy
    validationInterval = record.validationAccuracy.map {
      let interval = AccuracyInterval.of($0, samples: validationSamples)
      return [interval.lowerBound, interval.upperBound]
    }
    learningRate = record.learningRate
    seconds = record.seconds
    self.imagesPerSecond = imagesPerSecond
    self.best = best
    self.weightsSHA256 = weightsSHA256
    self.warnings = warnings.map(\.description)
  }
}

extension TrainingWarning {
  /// The layer and what is wrong with it, without the numbers.
  fileprivate var subject: String {
    switch self {
    case .deadUnits: "dead \(layer)"
    case .saturated: "saturated \(layer)"
    case .largeGradient: "gradient \(layer)"
    }
  }
}
