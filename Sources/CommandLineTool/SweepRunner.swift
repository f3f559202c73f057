import ArgumentParser
import MiniCNN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Makes the runs of a sweep, one after the other, those that are not yet made.
struct SweepRunner: ~Copyable {
  let folder: String
  private let spec: SweepSpec
  private let setups: [SweepSetup]
  private let threads: Int?
  /// What the runs are judged by.
  private let data: LabelledData
  /// No two sweeps at a time write the records of a folder.
  private let lock: FileLock

  /// Checks all runs before the first is made.
  init(_ spec: SweepSpec, file: String, folder: String, threads: Int?) throws {
    let setups = try spec.combinations.map { try SweepSetup($0, spec: spec, file: file) }
    let data = try LabelledData(paths: [spec.data], split: spec.score == .test ? .test : .train)
    for setup in setups { try setup.check(data, file: file) }
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
      throw FileError.system(errno, file: folder, action: "make")
    }
    lock = try Self.lock(folder)
    (self.setups, self.data) = (setups, data)
    (self.spec, self.folder, self.threads) = (spec, folder, threads)
  }

  private static func lock(_ folder: String) throws(FileError) -> FileLock {
    do throws(FileError) {
      return try FileLock(for: records(folder))
    } catch {
      var error = error
      error.hint = "wait for it to end, or name another folder with --folder"
      throw error
    }
  }

  /// The file of the runs in a folder.
  static func records(_ folder: String) -> String { "\(folder)/runs.csv" }

  /// Makes the runs and returns a row for each setup.
  func run() throws -> [SweepRow] {
    var records = try SweepRecords(path: Self.records(folder), score: spec.score)
    let total = setups.count * spec.seeds.count
    var rows: [SweepRow] = []
    for (number, setup) in setups.enumerated() {
      var results: [SweepRecord] = []
      for (place, seed) in spec.seeds.enumerated() {
        let name = "\(setup.name)-\(seed)"
        if let known = records[name] {
          results.append(known)
          continue
        }
        let record = try makeRun(setup, name: name, seed: seed)
        try records.add(record)
        results.append(record)
        let result =
          switch record.outcome {
          case .finished(_, let accuracy, _):
            "\(Format.percent(accuracy)), \(Format.fixed(record.seconds, 1)) s"
          case .failed(let reason): "failed: \(reason)"
          }
        Terminal.message(
          "\(number * spec.seeds.count + place + 1)/\(total) \(setup.model.spec.name)"
            + " \(setup.label.isEmpty ? "" : setup.label + " ")seed \(seed): \(result)")
      }
      rows.append(
        SweepRow(model: setup.model.spec.name, settings: setup.label, results: results))
    }
    return rows
  }

  private func makeRun(_ setup: SweepSetup, name: String, seed: UInt64) throws -> SweepRecord {
    let model = "\(folder)/\(setup.name).yaml", path = "\(folder)/\(name).weights.h5"
    try AtomicFile.write(Array(setup.model.text.utf8), to: model)
    let isNew = !WholeFile.exists(path)
    let start =
      isNew
      ? ["--model=\(model)", "--data=\(spec.data)", "--seed=\(seed)", "--checkpoint=\(path)"]
      : ["--resume=\(path)", "--data=\(spec.data)"]
    let clock = ContinuousClock()
    let begin = clock.now
    let messages = "\(folder)/messages.txt"
    let status = try Child.run(
      ["train"] + start + (threads.map { ["--threads=\($0)"] } ?? []), messages: messages)
    let seconds = (clock.now - begin) / .seconds(1)
    if let code = Interruption.exitCode { throw ExitCode(code) }
    if [128 + SIGINT, 128 + SIGTERM].contains(status) { throw ExitCode(status) }
    guard status == 0 else {
      let failure = try Child.failure(status, messages: messages)
      // What is wrong with data, files or the machine concerns all runs; numbers that stop being
      // finite are this run's own matter, and would be the same another time.
      guard status == Failure.Code.failed.rawValue else { throw failure }
      return SweepRecord(
        name: name, settings: setup.label, seed: seed, seconds: seconds,
        outcome: .failed(failure.description))
    }
    let checkpoint = try Checkpoint(contentsOf: path)
    return SweepRecord(
      name: name, settings: setup.label, seed: seed,
      // A run in parts has no time of its own; its epochs have.
      seconds: isNew ? seconds : checkpoint.state.history.reduce(0) { $0 + $1.seconds },
      outcome: try result(checkpoint, path))
  }

  private func result(_ checkpoint: Checkpoint, _ path: String) throws -> SweepRecord.Outcome {
    switch spec.score {
    case .validation:
      guard let accuracy = checkpoint.state.history.last?.validationAccuracy else {
        throw Failure(.data, "\(path): no validation accuracy")
      }
      let split = try SampleSplit(count: data.set.count, settings: checkpoint.settings)
      return .finished(
        epochs: checkpoint.state.epoch, accuracy: accuracy, images: split.validation.count)
    case .test:
      try data.check(checkpoint.network)
      let evaluation = Evaluation(
        checkpoint.state.averagedNetwork, on: data.set, loss: checkpoint.settings.loss,
        threads: threads)
      return .finished(
        epochs: checkpoint.state.epoch, accuracy: evaluation.accuracy, images: evaluation.samples)
    }
  }
}
