import ArgumentParser
import MiniCNN
import Platform

/// Makes the runs of a sweep, one after the other, those that are not yet made.
struct SweepRunner: ~Copyable {
  private let folder: SweepFolder
  private let spec: SweepSpec
  private let setups: [SweepSetup]
  private let threads: Int?
  /// The digests of what the runs learn from and of what they are judged by.
  private let dataSHA256: String
  /// What the runs are judged by.
  private let scoringData: LabelledData

  /// Checks all runs before the first is made.
  init(_ spec: SweepSpec, file: String, folder: String, threads: Int?) throws {
    let setups = try spec.combinations.map { try SweepSetup($0, spec: spec, file: file) }
    let training = try LabelledData(paths: [spec.data], split: .train)
    let test = spec.score == .test ? try LabelledData(paths: [spec.data], split: .test) : nil
    let dataSHA256 = [training, test].compactMap { $0?.reference.sha256 }.joined(separator: " ")
    var names: Set<String> = []
    for setup in setups {
      try setup.check(training: training, test: test, file: file)
      guard names.insert(setup.name(dataSHA256: dataSHA256)).inserted else {
        let place = setup.label.isEmpty ? setup.path : "\(setup.path) \(setup.label)"
        throw FileError(
          .invalid, file: file, place: place,
          found: "the same model and settings stand here twice")
      }
    }
    self.folder = try SweepFolder(folder)
    (self.spec, self.setups, self.threads) = (spec, setups, threads)
    (self.dataSHA256, scoringData) = (dataSHA256, test ?? training)
  }

  /// Makes the runs and returns a row for each setup.
  func run() throws -> [SweepRow] {
    var records = try SweepRecords(path: SweepFolder.records(folder.path), score: spec.score)
    // From now on the folder is a sweep's.
    try records.save()
    let total = setups.count * spec.seeds.count
    var warned: Set<String> = []
    var rows: [SweepRow] = []
    for (number, setup) in setups.enumerated() {
      var results: [SweepRecord] = []
      for (place, seed) in spec.seeds.enumerated() {
        let name = "\(setup.name(dataSHA256: dataSHA256))-\(seed)"
        if let known = records[name] {
          results.append(known)
          continue
        }
        let title =
          "\(number * spec.seeds.count + place + 1)/\(total) \(modelName(setup))"
          + " \(setup.label.isEmpty ? "" : setup.label + " ")seed \(seed)"
        let record = try makeRun(setup, name: name, seed: seed, title: title)
        for warning in try Child.warnings(folder.messages) where warned.insert(warning).inserted {
          Terminal.message(warning)
        }
        try records.add(record)
        results.append(record)
        Terminal.message("\(title): \(record.summary)")
      }
      rows.append(SweepRow(model: modelName(setup), settings: setup.label, results: results))
    }
    return rows
  }

  /// The model's name, or its file where another file's has the same.
  private func modelName(_ setup: SweepSetup) -> String {
    let name = setup.model.spec.name
    return setups.contains { $0.model.spec.name == name && $0.path != setup.path }
      ? setup.path : name
  }

  private func makeRun(
    _ setup: SweepSetup, name: String, seed: UInt64, title: String
  ) throws -> SweepRecord {
    let model = "\(folder.path)/\(setup.name(dataSHA256: dataSHA256)).yaml"
    let path = "\(folder.path)/\(name).weights.h5"
    try AtomicFile.write(Array(setup.model.text.utf8), to: model)
    let isNew = !WholeFile.exists(path)
    let start =
      isNew
      ? ["--model=\(model)", "--data=\(spec.data)", "--seed=\(seed)", "--checkpoint=\(path)"]
      : ["--resume=\(path)", "--data=\(spec.data)"]
    let clock = ContinuousClock()
    let begin = clock.now
    var bar = ElapsedTime(title)
    let status = try Child.run(
      ["train"] + start + (threads.map { ["--threads=\($0)"] } ?? []), messages: folder.messages
    ) { bar.update() }
    bar.clear()
    let seconds = (clock.now - begin) / .seconds(1)
    let stopped = [SIGINT, SIGTERM, SIGQUIT, SIGHUP].contains(status - 128) ? status : nil
    if let code = Interruption.exitCode ?? stopped {
      Terminal.message("stopped in run \(title); the same command goes on from there")
      throw ExitCode(code)
    }
    guard status == 0 else {
      let failure = try Child.failure(status, messages: folder.messages)
      // What is wrong with data, files or the machine concerns all runs; numbers that stop being
      // finite are this run's own matter, and would be the same another time.
      guard status == Failure.Code.failed.rawValue else {
        do throws(FileError) {
          if !isNew { _ = try Checkpoint(contentsOf: path) }
        } catch {
          throw Failure(.data, "\(failure); remove \(path) to have the run made anew")
        }
        throw failure
      }
      return SweepRecord(
        name: name, settings: setup.label, seed: seed, seconds: seconds,
        outcome: .failed(failure.description))
    }
    let last = try Checkpoint(contentsOf: path)
    guard last.state.isFinished(last.settings) else {
      throw Failure(
        .failed, "\(path): the run ended on its way; the same command goes on from there")
    }
    return SweepRecord(
      name: name, settings: setup.label, seed: seed,
      // A run in parts has no time of its own; its epochs have.
      seconds: isNew ? seconds : last.state.history.reduce(0) { $0 + $1.seconds },
      outcome: try result(last, path))
  }

  /// What a run gave: its last epoch, or its best one where the run was to stop behind that.
  private func result(_ last: Checkpoint, _ path: String) throws -> SweepRecord.Outcome {
    let takesBest = last.settings.patience != nil
    switch spec.score {
    case .validation:
      let record = takesBest ? last.state.best : last.state.history.last
      guard let accuracy = record?.validationAccuracy else {
        throw Failure(.data, "\(path): no validation accuracy")
      }
      let split = try SampleSplit(count: scoringData.set.count, settings: last.settings)
      return .finished(
        epochs: last.state.epoch, accuracy: accuracy, images: split.validation.count)
    case .test:
      let taken =
        takesBest ? try Checkpoint(contentsOf: CheckpointFiles(path).best) : last
      let evaluation = Evaluation(
        taken.network, on: scoringData.set, loss: taken.settings.loss, threads: threads)
      return .finished(
        epochs: last.state.epoch, accuracy: evaluation.accuracy, images: evaluation.samples)
    }
  }
}

extension SweepRecord {
  /// The accuracy and the time, or why there is none.
  fileprivate var summary: String {
    switch outcome {
    case .finished(_, let accuracy, _):
      "\(Format.percent(accuracy)), \(Format.fixed(seconds, 1)) s"
    case .failed(let reason): "failed: \(reason)"
    }
  }
}
