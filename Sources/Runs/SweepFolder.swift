import Files
import Platform

/// The folder that a sweep keeps its runs in; no other sweep writes there meanwhile.
package struct SweepFolder: ~Copyable {
  package let path: String
  /// What the run under way says.
  package var messages: String { "\(path)/messages.txt" }
  private let lock: FileLock

  /// Makes the folder, or takes one that a sweep has made.
  package init(_ path: String) throws(FileError) {
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw FileError(
        .inputOutput, file: path,
        found: "the folder cannot be made: \(String(cString: strerror(errno)))",
        hint: "--folder names another one")
    }
    _ = try Self.firstFile(path)
    // Before more is looked at: another sweep might be about to begin here.
    let lock = try Self.lock(path)
    if !WholeFile.exists(Self.records(path)), let stranger = try Self.firstFile(path) {
      throw FileError(
        .inputOutput, file: path, expected: "an empty folder, or that of a sweep",
        found: "one with \(stranger) in it", hint: "--folder names another one")
    }
    self.lock = lock
    self.path = path
  }

  /// The file of the runs in a folder.
  package static func records(_ folder: String) -> String { "\(folder)/runs.csv" }

  private static func lock(_ folder: String) throws(FileError) -> FileLock {
    do throws(FileError) {
      return try FileLock(for: records(folder))
    } catch {
      var error = error
      // A lock that somebody has comes with a hint; a folder that takes none does not.
      if error.hint != nil {
        error.hint = "wait for it to end, or name another folder with --folder"
      }
      throw error
    }
  }

  /// The name of a file that is not hidden, as locks are.
  private static func firstFile(_ folder: String) throws(FileError) -> String? {
    do throws(SystemError) {
      return try namesInFolder(folder).first { !$0.hasPrefix(".") }
    } catch {
      throw FileError(
        .inputOutput, file: folder, expected: "a folder",
        found: String(cString: strerror(error.code)))
    }
  }
}
