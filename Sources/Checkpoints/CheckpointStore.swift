import Files
import HDF5
import Platform

/// Where a run saves its states; while it lives, no other process can open the same one.
public final class CheckpointStore {
  /// The files of the run.
  public let files: CheckpointFiles

  private let keep: Int
  private let lock: FileLock
  private var removesBest: Bool
  /// Whether this object has saved, so that what is replaced is known to be whole.
  private var hasSaved = false

  /// Opens the place of a run.
  ///
  /// - Parameters:
  ///   - path: the file of the last state; it need not exist.
  ///   - keep: how many states before the last one are kept, 0 to ``CheckpointFiles/mostKept``.
  ///   - replacesRun: whether the first state that is saved begins another run than the one whose
  ///     files may be there; the best state of that one is then removed.
  /// - Throws: a `FileError` where nothing could be written there, or another process writes there.
  public init(
    path: String, keep: Int = 0, replacesRun: Bool = false
  ) throws(FileError) {
    require(
      (0...CheckpointFiles.mostKept).contains(keep),
      "0 to \(CheckpointFiles.mostKept) states can be kept, not \(keep)")
    files = CheckpointFiles(path)
    self.keep = keep
    removesBest = replacesRun
    try AtomicFile.verifyWritable(path)
    lock = try FileLock(for: path)
  }

  /// Saves a state as the last one, and as the best one too if it `isBest`.
  ///
  /// The best one is written first: a crash between the two leaves a last state from which the
  /// epoch that was best is trained again and its state written again, the same.
  public func save(_ checkpoint: Checkpoint, isBest: Bool = false) throws(FileError) {
    if isBest { try checkpoint.save(to: files.best) }
    let kept = keep == 0 || !replacesWholeFile ? [] : (1...keep).map(files.kept)
    try checkpoint.save(to: files.path, keepingOldAt: kept)
    if removesBest, !isBest { try AtomicFile.remove(files.best) }
    removesBest = false
    hasSaved = true
  }

  /// A broken file is not worth the place of a whole one.
  private var replacesWholeFile: Bool {
    if hasSaved { return true }
    guard let image = try? WholeFile.read(files.path) else { return false }
    return (try? SealedImage.verify(image, file: files.path)) != nil
  }
}
