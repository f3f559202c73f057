import Platform

/// Replaces files so that a reader, or a machine that loses power, finds the old one or the new one
/// and never a part.
///
/// The new content goes to a temporary beside the target, `.NAME.PID-N.tmp`; it is flushed to the
/// disk, renamed over the target, and then the folder is flushed. Symbolic links are followed: the
/// file they lead to is replaced. A new file has the permissions the umask leaves, a replaced one
/// keeps its own. Two writers of one path do not disturb each other; the last one to finish wins.
package enum AtomicFile {
  /// Replaces the file at `path` by `bytes`.
  ///
  /// - Parameter kept: where the replaced files are kept, newest first: the replaced one goes to
  ///   the first of these paths, what was there to the second, and so on; the last one is
  ///   overwritten.
  /// - Parameter isFlushed: whether it waits until the disk has the new file; without that a machine that loses power
  ///   may have an empty one, so it is for what can be made again.
  /// - Throws: `FileError`; the target is then unchanged, unless it was the flush of its folder that
  ///   failed, and no temporary is left.
  package static func write(
    _ bytes: [UInt8], to path: String, keepingOldAt kept: [String] = [], isFlushed: Bool = true
  ) throws(FileError) {
    let target = try WriteTarget(path)
    TemporaryFile.removeStale(beside: target)
    let temporary = try TemporaryFile(beside: target)
    try temporary.write(bytes, reportingAs: path)
    try temporary.replace(target, keeping: KeptFiles(paths: kept), isFlushed: isFlushed)
  }

  /// Throws what ``write(_:to:keepingOldAt:)`` would throw for `path` now, as far as that can be
  /// known without writing: a missing folder, missing rights, a folder or device at that path, a
  /// read-only file system. Leaves no file behind and does not touch this one.
  package static func verifyWritable(_ path: String) throws(FileError) {
    _ = try TemporaryFile(beside: WriteTarget(path))
  }

  /// Removes a file if it is there.
  package static func remove(_ path: String) throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw .unwritable(errno, file: path, action: "remove")
    }
  }
}
