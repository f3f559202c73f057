import Files
import HDF5
import Platform

/// Where a run saves its states; while it is open, no other one of the same path can be opened.
package final class CheckpointStore {
  /// The files of the run.
  package let files: CheckpointFiles

  /// What becomes of the file of the best state that may be there, as soon as a state is saved.
  package enum BestFile: Sendable, Equatable {
    /// It is of this run.
    case stays
    /// It is of another run, and goes.
    case isRemoved
    /// The best state of this run is in another file, of which a copy takes its place.
    case isCopied(from: String)
  }

  private let keep: Int
  /// `nil` while it is closed.
  private var lock: FileLock?
  /// What stood at the path when it was closed.
  private var left: FileStamp?
  /// What becomes of the file of the best state when the first state is saved.
  package var bestFile: BestFile
  /// Whether this object has saved, so that what is replaced is known to be whole.
  private var hasSaved = false

  /// Opens the place of a run.
  ///
  /// - Parameters:
  ///   - path: the file of the last state; it need not exist.
  ///   - keep: how many states before the last one are kept, 0 to ``CheckpointFiles/mostKept``.
  ///   - bestFile: what becomes of the best state of the run whose files may be there.
  /// - Throws: a `FileError` where nothing could be written there, or another process writes there.
  package init(
    path: String, keep: Int = 0, bestFile: BestFile = .stays
  ) throws(FileError) {
    require(
      (0...CheckpointFiles.mostKept).contains(keep),
      "0 to \(CheckpointFiles.mostKept) states can be kept, not \(keep)")
    files = CheckpointFiles(path)
    self.keep = keep
    self.bestFile = bestFile
    try AtomicFile.verifyWritable(path)
    lock = try FileLock(for: path)
  }

  /// Lets others save there, until ``reopen()``.
  package func close() {
    guard lock != nil else { return }
    left = FileStamp(files.path)
    lock = nil
  }

  /// Opens the place again where it was closed.
  ///
  /// - Throws: a `FileError` where another process writes there, or another run has meanwhile.
  package func reopen() throws(FileError) {
    guard lock == nil else { return }
    let lock = try FileLock(for: files.path)
    guard FileStamp(files.path) == left else {
      throw FileError(
        .inputOutput, file: files.path,
        found: "another run has been saved to it since this one stopped",
        hint: "go on from the state that is there")
    }
    self.lock = consume lock
  }

  /// Saves a state as the last one, and as the best one too if it `isBest`.
  ///
  /// The best one is written first: a crash between the two leaves a last state from which the
  /// epoch that was best is trained again and its state written again, the same.
  package func save(_ checkpoint: Checkpoint, isBest: Bool = false) throws(FileError) {
    if isBest {
      try checkpoint.save(to: files.best)
    } else if case .isCopied(let other) = bestFile {
      try AtomicFile.write(try WholeFile.read(other), to: files.best)
    }
    let kept = keep == 0 || !replacesWholeFile ? [] : (1...keep).map(files.kept)
    try checkpoint.save(to: files.path, keepingOldAt: kept)
    if bestFile == .isRemoved, !isBest { try AtomicFile.remove(files.best) }
    bestFile = .stays
    hasSaved = true
  }

  /// A broken file is not worth the place of a whole one.
  private var replacesWholeFile: Bool {
    if hasSaved { return true }
    guard let image = try? WholeFile.read(files.path) else { return false }
    return (try? SealedImage.verify(image, file: files.path)) != nil
  }
}
