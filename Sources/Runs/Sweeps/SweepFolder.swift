import Files
import Platform

/// The folder that a sweep keeps its runs in; no other sweep writes there until it is released.
final class SweepFolder {
  let path: String
  private var lock: FileLock?

  /// Makes the folder, or takes one that a sweep has made.
  init(_ path: String) throws(RunError) {
    self.path = path
    do throws(FileError) {
      guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
        throw .unwritable(errno, file: path, action: "make the folder")
      }
      _ = try Self.firstFile(path)
    } catch {
      throw .unsuitableFolder(error, isTaken: false)
    }
    // Before more is looked at: another sweep might be about to begin here.
    try take()
    do throws(FileError) {
      if !WholeFile.exists(Self.records(path)), let stranger = try Self.firstFile(path) {
        throw FileError(
          .inputOutput, file: path, expected: "an empty folder, or that of a sweep",
          found: "one with \(stranger) in it")
      }
    } catch {
      throw .unsuitableFolder(error, isTaken: false)
    }
  }

  /// Takes the folder, again after it was released.
  func take() throws(RunError) {
    guard lock == nil else { return }
    do throws(FileError) {
      lock = try FileLock(for: Self.records(path))
    } catch {
      // A lock that somebody has comes with a hint.
      throw .unsuitableFolder(error, isTaken: error.hint != nil)
    }
  }

  /// Releases the folder to other sweeps.
  func release() { lock = nil }

  /// The file of the runs in a folder.
  static func records(_ folder: String) -> String { "\(folder)/runs.csv" }

  /// The path of a file in the folder.
  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// The name of a file that is not hidden, as locks are.
  private static func firstFile(_ folder: String) throws(FileError) -> String? {
    do throws(SystemError) {
      return try namesInFolder(folder).first { !$0.hasPrefix(".") }
    } catch {
      throw .unwritable(error.code, file: folder, action: "open the folder")
    }
  }
}
