import Files
import ArgumentParser
import MiniCNN

/// Shows a run to a user, and stops it when asked.
struct TrainingDisplay {
  private let run: Run
  private let json: Bool
  private var bar: ProgressBar
  /// What the epoch under way has been warned of.
  private var warnings: [TrainingWarning] = []
  /// What the user has been told of.
  private var warned: Set<String> = []
  private var lastProgress: ContinuousClock.Instant?

  init(_ run: Run, json: Bool) {
    self.run = run
    self.json = json
    bar = ProgressBar(isShown: Terminal.isInteractive && !json, epochs: run.settings.epochs)
  }

  /// Trains to the end, to the last step that was asked for, or until a signal arrives.
  mutating func train() throws {
    announce()
    let outcome: RunOutcome
    do {
      outcome = try run.train { event in
        try show(event)
        if Interruption.exitCode != nil { run.stop() }
      }
    } catch let error as DivergenceError {
      bar.clear()
      Supervision.report(.diverged("\(error)"))
      let file = run.files.path
      throw Failure(
        .failed,
        "\(error); \(file) "
          + (run.hasSavedState
            ? "holds the last good state"
            : WholeFile.exists(file) ? "was left unchanged" : "was not written"))
    }
    if outcome.end == .stopped || outcome.end == .reachedMaxSteps {
      bar.clear()
      sayHowToResume()
      if let code = Interruption.exitCode { throw ExitCode(code) }
    }
    sayBest(outcome)
    if !json { Terminal.result("saved \(run.files.path)") }
  }

  private mutating func show(_ event: RunEvent) throws {
    switch event {
    case .step(let report):
      bar.update(report)
      reportProgress(report)
    case .warning(let warning):
      if case .training(let warning) = warning { warnings.append(warning) }
      // A layer whose state does not change need not be named after every epoch.
      guard warned.insert(warning.subject).inserted else { return }
      bar.clear()
      Terminal.message("\(warning.isAdvice ? "note" : "warning"): \(warning)")
      Supervision.report(.warning("\(warning)"))
    case .epoch(let record, let isBest):
      bar.clear()
      try report(record, isBest: isBest)
      warnings = []
    case .stoppedEarly(let best):
      let name = run.settings.monitor.shown(best)?.name ?? "accuracy"
      let least = run.settings.minDelta
      let gain =
        name == "accuracy" ? "\(Format.fixed(100 * least, 2)) points of" : "\(Float(least)) in"
      Terminal.message(
        least > 0
          ? "stopped early: \(run.settings.patience ?? 0) epochs without a gain of more than"
            + " \(gain) validation \(name)"
          : "stopped early: no better validation \(name) since epoch \(best.epoch)")
    case .saved: break
    }
  }

  /// Tells the command that started this process how far the run has come, four times a second at most.
  private mutating func reportProgress(_ report: StepReport) {
    guard Supervision.isSupervised else { return }
    let now = ContinuousClock().now
    guard lastProgress.map({ now - $0 > .milliseconds(250) }) ?? true else { return }
    lastProgress = now
    let epochs = Double(report.epoch - 1) + Double(report.batch) / Double(max(report.batches, 1))
    Supervision.report(.progress(min(epochs / Double(max(run.settings.epochs, 1)), 1)))
  }

  private func sayBest(_ outcome: RunOutcome) {
    guard let best = outcome.best, let (name, value) = run.settings.monitor.shown(best) else {
      return
    }
    let shown =
      name == "accuracy"
      ? Format.accuracy(value, samples: validationImages) : Format.fixed(value, 4)
    Terminal.message(
      "best validation \(name) \(shown) in epoch \(best.epoch), the best of \(outcome.epochs)"
        + (outcome.bestFile.map { ", whose weights are in \($0)" } ?? ""))
  }

  private var trainingImages: Int { run.split?.training.count ?? 0 }
  private var validationImages: Int { run.validationCount }

  private func announce() {
    let state = run.state
    let network = state.network
    Terminal.message(
      "\(network.spec.name): \(Format.grouped(network.parameterCount)) parameters,"
        + " \(Format.grouped(trainingImages)) training images"
        + (validationImages == 0 ? "" : ", \(Format.grouped(validationImages)) for validation")
        + ", \(run.settings.update.optimizer.kind), batch \(run.settings.batchSize),"
        + " seed \(run.settings.seed), \(workers)")
    if let transfer = run.weightTransfer { Terminal.message("\(transfer)") }
    let frozen = network.parameterCount - network.trainedParameterCount
    if frozen > 0 { Terminal.message("\(Format.grouped(frozen)) parameters are frozen") }
    if state.optimizer.step > 0 { Terminal.message("resuming \(state.place)") }
  }

  /// `8 ranks × 2 threads`, or of one that is alone `2 threads`.
  private var workers: String {
    let threads = run.threadsOfRanks
    let (least, most) = (threads.min() ?? run.threads, threads.max() ?? run.threads)
    let each =
      least == most ? Format.count(most, "thread") : "\(least) to \(Format.count(most, "thread"))"
    return threads.count > 1 ? "\(threads.count) ranks × \(each)" : each
  }

  private func report(_ record: EpochRecord, isBest: Bool) throws {
    let speed = Double(trainingImages) / max(record.seconds, 1e-9)
    let sha256 = run.state.network.weightsSHA256
    if json {
      return try JSONOutput.print(
        EpochOutput(
          record, validationSamples: validationImages, imagesPerSecond: speed,
          ranks: run.threadsOfRanks.count, best: isBest, weightsSHA256: sha256,
          warnings: warnings))
    }
    var line = "epoch \(record.epoch)/\(run.settings.epochs)"
    line += "  loss \(Format.fixed(record.loss, 4))"
    if let accuracy = record.accuracy { line += "  accuracy \(Format.percent(accuracy))" }
    if let loss = record.validationLoss {
      line += "  validation loss \(Format.fixed(loss, 4))"
      if let accuracy = record.validationAccuracy {
        line += "  accuracy \(Format.percent(accuracy))"
      }
      for (name, value) in (record.validationMetrics ?? [:]).sorted(by: { $0.key < $1.key }) {
        line += "  \(name) \(Format.fixed(value, 4))"
      }
      line += isBest ? " (best)" : ""
    }
    line += "  \(Format.fixed(record.seconds, 1)) s, \(Format.grouped(Int(speed))) images/s"
    line += "  weights \(sha256.prefix(12))"
    Terminal.result(line)
  }

  private func sayHowToResume() {
    let command = Shell.command(["train", "--resume", Shell.path(run.files.path)])
    Terminal.message("stopped \(run.state.place); resume with: \(command)")
  }
}

/// What `--json` prints for an epoch.
private struct EpochOutput: Encodable {
  let epoch: Int
  let loss: Double
  let accuracy: Double?
  let validationLoss: Double?
  let validationAccuracy: Double?
  let validationMetrics: [String: Double]?
  let validationInterval: [Double]?
  let learningRate: Double
  let seconds: Double
  let imagesPerSecond: Double
  let ranks: Int
  let best: Bool
  let weightsSHA256: String
  let warnings: [String]

  init(
    _ record: EpochRecord, validationSamples: Int, imagesPerSecond: Double, ranks: Int,
    best: Bool, weightsSHA256: String, warnings: [TrainingWarning]
  ) {
    epoch = record.epoch
    loss = record.loss
    accuracy = record.accuracy
    validationLoss = record.validationLoss
    validationAccuracy = record.validationAccuracy
    validationMetrics = record.validationMetrics
    validationInterval = record.validationAccuracy.map {
      let interval = AccuracyInterval.of($0, samples: validationSamples)
      return [interval.lowerBound, interval.upperBound]
    }
    learningRate = record.learningRate
    seconds = record.seconds
    self.imagesPerSecond = imagesPerSecond
    self.ranks = ranks
    self.best = best
    self.weightsSHA256 = weightsSHA256
    self.warnings = warnings.map(\.description)
  }
}
