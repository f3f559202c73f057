import Files
import HDF5
import Platform

/// Where a run saves its states; while it is open, no other one for the same path can be opened.
package final class CheckpointStore {
  /// The files of the run.
  package let files: CheckpointFiles

  private let keep: Int
  /// `nil` while it is closed.
  private var lock: FileLock?
  /// What was at the path when it was closed.
  private var left: FileStamp?
  /// Those of ``files`` that are another run's, which go when the first state is saved: a best state,
  /// or a state to fall back on, that is not of this run would pass for its own.
  package var replaced: [String] = []
  /// The bytes of the best state of this run, where it is not in ``files`` but is to be from the first
  /// save on.
  package var carriedBest: [UInt8]?
  /// Whether this object has saved, so that what is replaced is known to be intact.
  private var hasSaved = false

  /// Opens the files of a run.
  ///
  /// - Parameters:
  ///   - path: the file of the last state; it need not exist.
  ///   - keep: how many states before the last one are kept, 0 to ``CheckpointFiles/mostKept``.
  /// - Throws: a `FileError` where the files cannot be written, or another process writes them.
  package init(path: String, keep: Int = 0) throws(FileError) {
    require(
      (0...CheckpointFiles.mostKept).contains(keep),
      "0 to \(CheckpointFiles.mostKept) states can be kept, not \(keep)")
    files = CheckpointFiles(path)
    self.keep = keep
    try AtomicFile.verifyWritable(path)
    lock = try FileLock(for: path)
  }

  /// Lets others save there, until ``reopen()``.
  package func close() {
    guard lock != nil else { return }
    left = FileStamp(files.path)
    lock = nil
  }

  /// Opens the files again if they were closed.
  ///
  /// - Throws: a `FileError` where another process writes them, or another run has meanwhile.
  package func reopen() throws(FileError) {
    guard lock == nil else { return }
    let lock = try FileLock(for: files.path)
    guard FileStamp(files.path) == left else {
      throw FileError(
        .inputOutput, file: files.path,
        found: "another run has been saved to it since this one stopped",
        hint: "resume from the state that is there")
    }
    self.lock = consume lock
  }

  /// Saves a state as the last one, and as the best one too if it `isBest`.
  ///
  /// The best one is written first: after a crash between the two, the run repeats the best epoch
  /// from the last state and writes the same best state again.
  package func save(_ checkpoint: Checkpoint, isBest: Bool = false) throws(FileError) {
    if isBest {
      try checkpoint.save(to: files.best)
    } else if let carriedBest {
      try AtomicFile.write(carriedBest, to: files.best)
    }
    // Before there is a last state of this run, so that after a crash they are not beside it.
    for path in replaced where path != files.path && path != files.best {
      try AtomicFile.remove(path)
    }
    let takesIn = keep > 0 && !replaced.contains(files.path) && replacesWholeFile
    try checkpoint.save(
      to: files.path, keepingOldAt: takesIn ? (1...keep).map(files.kept) : [])
    if replaced.contains(files.best), !isBest, carriedBest == nil {
      try AtomicFile.remove(files.best)
    }
    (replaced, carriedBest) = ([], nil)
    hasSaved = true
  }

  /// A damaged file must not displace an intact one.
  private var replacesWholeFile: Bool {
    if hasSaved { return true }
    guard let image = try? WholeFile.read(files.path) else { return false }
    return (try? SealedImage.verify(image, file: files.path)) != nil
  }
}
