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
struct SweepRunner {
  /// One model with one choice of settings.
  private struct Setup {
    let label: String
    let model: ModelFile
    let settings: TrainingSettings
    let name: String
  }

  let folder: String
  private let spec: SweepSpec
  private let setups: [Setup]
  private let threads: Int?

  /// Checks all runs before the first is made.
  init(_ spec: SweepSpec, file: String, folder: String, threads: Int?) throws {
    self.spec = spec
    self.folder = folder
    self.threads = threads
    setups = try spec.combinations.map { model, settings in
      try Self.setup(model, settings, spec: spec, file: file)
    }
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
      throw FileError.system(errno, file: folder, action: "make")
    }
  }

  private static func setup(
    _ path: String, _ values: [(key: String, value: String)], spec: SweepSpec, file: String
  ) throws -> Setup {
    let base = try ModelFile(contentsOf: path)
    let label = values.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    let yaml = values.map { "\($0.key): \"\($0.value)\"\n" }.joined()
    let options =
      values.isEmpty
      ? base.training
      : try TrainingOptions(yaml: yaml, file: "\(file): settings").filled(from: base.training)
    guard let model = ModelFile(base.spec, training: options) else {
      throw Failure(.data, "\(path): a model that cannot be written")
    }
    let settings = try options.resolve(defaultSeed: 0)
    guard spec.score == .test || settings.validationFraction > 0 else {
      throw Failure(
        .data,
        "\(file): score: validation needs a validation_fraction above 0 in \(path) or the settings")
    }
    // Runs of other settings never pass for these.
    let digest = SHA256.digest(Array("\(model.text)\n\(spec.data)".utf8)).hexadecimal.prefix(8)
    return Setup(
      label: label, model: model, settings: settings, name: "\(base.spec.name)-\(digest)")
  }

  /// Makes the runs and returns a row for each setup.
  func run() throws -> [SweepRow] {
    var records = try SweepRecords(path: "\(folder)/runs.csv", score: spec.score)
    let total = setups.count * spec.seeds.count
    var rows: [SweepRow] = []
    for (number, setup) in setups.enumerated() {
      var results: [SweepRecord] = []
      for (place, seed) in spec.seeds.enumerated() {
        let name = "\(setup.name)-\(seed)"
        let title =
          "\(number * spec.seeds.count + place + 1)/\(total) \(setup.model.spec.name)"
          + " \(setup.label.isEmpty ? "" : setup.label + " ")seed \(seed)"
        if let known = records[name] {
          results.append(known)
          continue
        }
        let record = try makeRun(setup, name: name, seed: seed)
        try records.add(record)
        results.append(record)
        Terminal.message(
          "\(title): \(Format.percent(record.accuracy)), \(Format.fixed(record.seconds, 1)) s")
      }
      rows.append(
        SweepRow(model: setup.model.spec.name, settings: setup.label, results: results))
    }
    return rows
  }

  private func makeRun(_ setup: Setup, name: String, seed: UInt64) throws -> SweepRecord {
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
    guard status == 0 else { throw try Child.failure(status, messages: messages) }
    let checkpoint = try Checkpoint(contentsOf: path)
    return SweepRecord(
      name: name, settings: setup.label, seed: seed,
      epochs: checkpoint.state.epoch, accuracy: try accuracy(checkpoint, path),
      // A run in parts has no time of its own; its epochs have.
      seconds: isNew ? seconds : checkpoint.state.history.reduce(0) { $0 + $1.seconds })
  }

  private func accuracy(_ checkpoint: Checkpoint, _ path: String) throws -> Double {
    switch spec.score {
    case .validation:
      guard let accuracy = checkpoint.state.history.last?.validationAccuracy else {
        throw Failure(.data, "\(path): no validation accuracy")
      }
      return accuracy
    case .test:
      let data = try LabelledData(paths: [spec.data], split: .test)
      try data.check(checkpoint.network)
      return Evaluation(
        checkpoint.state.averagedNetwork, on: data.set, loss: checkpoint.settings.loss,
        threads: threads
      ).accuracy
    }
  }
}
