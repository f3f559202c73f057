import Platform

/// A file beside a target, locked while this value lives and removed with it, unless it has become
/// the target.
struct TemporaryFile: ~Copyable {
  let path: String
  private let descriptor: Int32
  private var isRenamed = false

  /// Creates an empty file in the target's folder, with the permissions of the file it will replace.
  init(beside target: WriteTarget) throws(FileError) {
    var number = 0
    while true {
      let path = "\(target.folder)/\(Self.prefix(of: target.name))\(getpid())-\(number).tmp"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
      if descriptor < 0 {
        guard errno == EEXIST else { throw .unwritable(errno, file: target.path) }
        number += 1
        continue
      }
      // The lock says that the owner lives: unlike a process number, it cannot be reused and means
      // the same in every container. Where locks are not supported, nobody takes one and nothing
      // counts as stale.
      while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
      var status = stat()
      // A writer that was cleaning up may have locked and removed the file before we locked it.
      if fstat(descriptor, &status) == 0, status.st_nlink == 0 {
        close(descriptor)
        continue
      }
      if let permissions = target.permissions { fchmod(descriptor, permissions) }
      self.path = path
      self.descriptor = descriptor
      FaultPoint.created.pass()
      return
    }
  }

  deinit {
    if !isRenamed { unlink(path) }
    close(descriptor)
  }

  /// Writes bytes at the end of the file; an error names `file`.
  func write(_ bytes: [UInt8], reportingAs file: String) throws(FileError) {
    let half = bytes.count / 2
    do throws(SystemError) {
      try bytes.withUnsafeBufferPointer { (bytes) throws(SystemError) in
        try writeFully(descriptor, UnsafeRawBufferPointer(.init(rebasing: bytes[..<half])))
        FaultPoint.halfWritten.pass()
        try writeFully(descriptor, UnsafeRawBufferPointer(.init(rebasing: bytes[half...])))
        FaultPoint.written.pass()
      }
    } catch {
      throw .unwritable(error.code, file: file)
    }
  }

  /// Flushes the file, keeps what it replaces, renames it over the target and flushes the folder; the
  /// flushes are left out where it is not to be flushed.
  consuming func replace(
    _ target: WriteTarget, keeping kept: KeptFiles, isFlushed: Bool = true
  ) throws(FileError) {
    guard !isFlushed || fsync(descriptor) == 0 else { throw .unwritable(errno, file: target.path) }
    FaultPoint.flushed.pass()
    try kept.takeIn(target)
    guard rename(path, target.resolved) == 0 else {
      throw .unwritable(errno, file: target.path, action: "rename")
    }
    isRenamed = true
    FaultPoint.renamed.pass()
    if isFlushed { try flushNames(inFolder: target.folder, reportingAs: target.path) }
    FaultPoint.folderFlushed.pass()
  }

  /// Removes the temporaries that writers of the same target left behind when they died.
  static func removeStale(beside target: WriteTarget) {
    guard let names = try? namesInFolder(target.folder) else { return }
    let prefix = prefix(of: target.name)
    for name in names {
      guard name.hasPrefix(prefix), name.hasSuffix(".tmp"),
        name.dropFirst(prefix.count).dropLast(4).allSatisfy({ "0123456789-".contains($0) })
      else { continue }
      let path = "\(target.folder)/\(name)"
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      var status = stat()
      // Only the holder of the lock removes or renames, so a file that still has a name has this one.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0,
        status.st_nlink > 0
      {
        unlink(path)
      }
      close(descriptor)
    }
  }

  /// `.NAME.`; a name that would become too long for the file system is replaced by its digest.
  static func prefix(of name: String) -> String {
    let bytes = Array(name.utf8)
    return bytes.count <= 200 ? ".\(name)." : ".\(SHA256.digest(bytes).hexadecimal)."
  }
}
