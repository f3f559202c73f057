#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Replaces files so that a reader, or a machine that loses its power, finds the old one or the new
/// one and never a part.
///
/// The new content goes to a temporary beside the target, `.NAME.PID-N.tmp`; it is flushed to the
/// disk, renamed over the target, and then the folder is flushed. Symbolic links are followed: the
/// file behind them is replaced. A new file has the permissions the umask leaves, a replaced one
/// keeps its own. Two writers of one path do not disturb each other; the last one to finish wins.
public enum AtomicFile {
  /// Replaces the file at `path` by `bytes`.
  ///
  /// - Throws: `FileError`; the target is then as it was before, unless it was the flush of its
  ///   folder that failed, and no temporary is left.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    try replace(path) { (temporary) throws(FileError) in
      try temporary.write(bytes, reportingAs: path)
    }
  }

  /// Replaces the file at `path` by what `body` writes to the path it is handed, an empty file beside it.
  ///
  /// `body` opens and writes that file; it must neither remove nor rename it.
  ///
  /// - Throws: `FileError`, or what `body` throws; the target is then as it was before, unless it was
  ///   the flush of its folder that failed, and no temporary is left.
  public static func write(
    to path: String, _ body: (_ temporary: String) throws(FileError) -> Void
  ) throws(FileError) {
    try replace(path) { (temporary) throws(FileError) in try body(temporary.path) }
  }

  /// Throws what ``write(_:to:)`` would throw for `path` now, as far as that can be told without
  /// writing: a missing folder, missing rights, a folder or device at that path, a read-only file
  /// system. Leaves nothing behind and does not touch the file.
  public static func verifyWritable(_ path: String) throws(FileError) {
    _ = try TemporaryFile(beside: WriteTarget(path))
  }

  private static func replace(
    _ path: String, _ body: (borrowing TemporaryFile) throws(FileError) -> Void
  ) throws(FileError) {
    let target = try WriteTarget(path)
    TemporaryFile.removeStale(beside: target)
    let temporary = try TemporaryFile(beside: target)
    try body(temporary)
    try temporary.replace(target)
  }
}
