import Files
import NeuralNetwork
import Platform
import Training

/// Writes a run's ``LogFolder`` while the run goes on.
final class RunLog {
  private let file: String
  private let metrics: [String]
  private let events: EventLog?
  /// Two runs with one log would overwrite each other's.
  private var lock: FileLock?

  /// Opens the folder, and brings it to the state that the run starts from: rows of later epochs, which a run that
  /// was killed has left, are made again.
  ///
  /// - Parameter replaces: whether the log of another run may be replaced.
  /// - Throws: a `FileError` where the folder cannot be made or written, or another run writes its log there, and
  ///   ``RunError/otherLog(_:isReplaceable:)`` where it has that of another run, or another file in its place.
  init(_ folder: LogFolder, of trainer: Trainer, replaces: Bool) throws {
    guard mkdir(folder.path, 0o777) == 0 || errno == EEXIST else {
      throw FileError.unwritable(errno, file: folder.path, action: "make the folder")
    }
    file = "\(folder.path)/metrics.csv"
    lock = try FileLock(for: file)
    metrics = trainer.settings.validationMetrics.map(\.name)
    let isBegun = trainer.state.optimizer.step > 0
    let isOfAnotherRun = try Self.isOfAnotherRun(
      folder, file, than: Self.table(trainer, metrics), isBegun: isBegun)
    if isOfAnotherRun, !replaces {
      let error = FileError(
        .inputOutput, file: file, expected: "no log, or that of this run",
        found: "that of another run")
      throw RunError.otherLog(error, isReplaceable: !isBegun)
    }
    let isNew = isOfAnotherRun || !isBegun
    events =
      folder.hasEventFiles
      ? try EventLog(folder.path, replacing: isNew, from: trainer.state.optimizer.step) : nil
    try write(trainer)
    if !isBegun { try events?.begin(trainer) }
  }

  /// Whether there is the log of another run.
  ///
  /// - Parameter isBegun: whether the run has made steps, and so may have written a log.
  private static func isOfAnotherRun(
    _ folder: LogFolder, _ file: String, than own: MetricsTable, isBegun: Bool
  ) throws -> Bool {
    guard WholeFile.exists(file) else {
      return try !isBegun && EventFile.areThere(inFolder: folder.path)
    }
    let text = String(validating: try WholeFile.read(file, limit: 1 << 28), as: UTF8.self)
    guard let table = text.flatMap(MetricsTable.init(text:)) else {
      let error = FileError(
        .inputOutput, file: file, expected: "the log of a run", found: "another file")
      throw RunError.otherLog(error, isReplaceable: false)
    }
    return table.hasEpochs && !(isBegun && table.mayBeOfSameRun(as: own))
  }

  private static func table(_ trainer: Trainer, _ metrics: [String]) -> MetricsTable {
    MetricsTable(
      trainer.state.history, metrics: metrics, stepsPerEpoch: trainer.batchesPerEpoch,
      samples: trainer.split.training.count)
  }

  /// Lets others write there, until ``reopen()``.
  func close() { lock = nil }

  /// Takes the folder again if it was closed.
  ///
  /// - Throws: a `FileError` where another run writes its log there.
  func reopen() throws(FileError) {
    guard lock == nil else { return }
    lock = try FileLock(for: file)
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
