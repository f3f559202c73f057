import MiniCNN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One run of the trainer in front of a user: shows, saves, stops when asked.
struct TrainingSession {
  private let setup: TrainingSetup
  private let command: Train
  private let trainer: Trainer
  private var bar: ProgressBar
  /// Whether the checkpoint holds a state of this run.
  private var hasGoodState: Bool

  init(_ setup: TrainingSetup, _ command: Train) throws {
    self.setup = setup
    self.command = command
    trainer = try Trainer(
      setup.state, settings: setup.settings, data: setup.data.set, threads: command.threads)
    hasGoodState = setup.state.optimizer.step > 0
    bar = ProgressBar(
      isShown: Terminal.isInteractive && !command.json, epochs: setup.settings.epochs)
  }

  /// Trains to the end or until a signal comes.
  mutating func run() throws {
    announce()
    do {
      try trainer.run { event in
        switch event {
        case .step(let report):
          bar.update(report)
          if let every = command.checkpointEvery, trainer.state.optimizer.step % every == 0 {
            try save()
          }
        case .epoch(let record, let isBest):
          bar.clear()
          try save()
          if isBest { try save(to: TrainingSetup.bestPath(setup.path)) }
          try report(record, isBest: isBest)
        case .stoppedEarly(let best):
          Terminal.message(
            "stopped early: no better validation accuracy since epoch \(best.epoch)"
              + " (\(Format.percent(best.validationAccuracy ?? 0)))")
        }
        return Interruption.exitCode == nil ? .proceed : .stop
      }
    } catch let error as DivergenceError {
      bar.clear()
      throw Failure(.failed, "\(error); \(setup.path) \(savedState)")
    }
    if let code = Interruption.exitCode, !trainer.state.isFinished(setup.settings) {
      bar.clear()
      try leave(with: code)
    }
    if !command.json { Terminal.result("saved \(setup.path)") }
  }

  private func announce() {
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

  private mutating func save(to path: String? = nil) throws {
    try trainer.checkState()
    let checkpoint = Checkpoint(
      model: setup.model, settings: setup.settings, state: trainer.state, data: setup.reference,
      classNames: setup.classNames)
    try checkpoint.save(to: path ?? setup.path)
    hasGoodState = true
  }

  private var savedState: String {
    hasGoodState ? "holds the last good state" : "was left as it was"
  }

  private func report(_ record: EpochRecord, isBest: Bool) throws {
    let speed = Double(trainer.split.training.count) / max(record.seconds, 1e-9)
    let sha256 = trainer.state.network.weightsSHA256
    if command.json {
      return try JSONOutput.print(
        EpochOutput(record, imagesPerSecond: speed, best: isBest, weightsSHA256: sha256))
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

  /// Saves and leaves with the code of the signal.
  private mutating func leave(with code: Int32) throws -> Never {
    try save()
    Terminal.message(
      "stopped in epoch \(trainer.state.epoch + 1) behind batch \(trainer.state.batch);"
        + " go on with: minicnn train --resume \(setup.path)")
    fflush(nil)
    _exit(code)
  }
}

/// What `--json` prints for an epoch.
private struct EpochOutput: Encodable {
  let epoch: Int
  let loss: Double
  let accuracy: Double
  let validationLoss: Double?
  let validationAccuracy: Double?
  let learningRate: Double
  let seconds: Double
  let imagesPerSecond: Double
  let best: Bool
  let weightsSHA256: String

  init(_ record: EpochRecord, imagesPerSecond: Double, best: Bool, weightsSHA256: String) {
    epoch = record.epoch
    loss = record.loss
    accuracy = record.accuracy
    validationLoss = record.validationLoss
    validationAccuracy = record.validationAccuracy
    learningRate = record.learningRate
    seconds = record.seconds
    self.imagesPerSecond = imagesPerSecond
    self.best = best
    self.weightsSHA256 = weightsSHA256
  }
}
