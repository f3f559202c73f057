import Files
import NeuralNetwork
import Platform
import Training

/// Writes a run's ``LogFolder`` while the run goes on.
final class RunLog {
  private let file: String
  private let metrics: [String]
  private let events: EventLog?

  /// Opens the folder, and brings it to the state that the run starts from: rows of later epochs, which a run that
  /// was killed has left, are made again.
  ///
  /// - Parameter replaces: whether the log of another run may be replaced.
  /// - Throws: a `FileError` where the folder cannot be made or written, or has the log of another run, or another
  ///   file in its place.
  init(_ folder: LogFolder, of trainer: Trainer, replaces: Bool) throws(FileError) {
    guard mkdir(folder.path, 0o777) == 0 || errno == EEXIST else {
      throw .unwritable(errno, file: folder.path, action: "make the folder")
    }
    file = "\(folder.path)/metrics.csv"
    metrics = trainer.settings.validationMetrics.map(\.name)
    let isOfAnotherRun = try Self.isOfAnotherRun(
      file, than: Self.table(trainer, metrics), replaces: replaces)
    let isNew = isOfAnotherRun || trainer.state.optimizer.step == 0
    events =
      folder.hasEventFiles
      ? try EventLog(folder.path, replacing: isNew, from: trainer.state.optimizer.step) : nil
    try write(trainer)
    if trainer.state.optimizer.step == 0 { try events?.begin(trainer) }
  }

  /// Whether there is the log of another run, which may be replaced.
  private static func isOfAnotherRun(
    _ file: String, than own: MetricsTable, replaces: Bool
  ) throws(FileError) -> Bool {
    guard WholeFile.exists(file) else { return false }
    let text = String(validating: try WholeFile.read(file, limit: 1 << 28), as: UTF8.self)
    guard let table = text.flatMap(MetricsTable.init(text:)) else {
      throw FileError(
        .inputOutput, file: file, expected: "the log of a run", found: "another file",
        hint: "name another folder, or remove this file")
    }
    guard table.lines.count > 1, !table.isOfSameRun(as: own) else { return false }
    guard replaces else {
      throw FileError(
        .inputOutput, file: file, expected: "no log, or that of this run",
        found: "that of another run", hint: "name another folder, or let it be replaced")
    }
    return true
  }

  private static func table(_ trainer: Trainer, _ metrics: [String]) -> MetricsTable {
    MetricsTable(
      trainer.state.history, metrics: metrics, stepsPerEpoch: trainer.batchesPerEpoch,
      samples: trainer.split.training.count)
  }

  /// Adds the epoch that has just been done; to be called before its state is saved, so that no state is ahead of
  /// its log.
  func add(_ record: EpochRecord, of trainer: Trainer) throws(FileError) {
    try write(trainer)
    try events?.add(record, of: trainer)
  }

  /// The whole file, as it is small. It can be made again of the state, so it need not be on the disk for good.
  private func write(_ trainer: Trainer) throws(FileError) {
    try AtomicFile.write(
      Array(Self.table(trainer, metrics).text.utf8), to: file, isFlushed: false)
  }
}
