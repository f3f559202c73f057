import Platform

/// The right to replace a file, held by one owner at a time.
///
/// It is a kernel lock on a file beside the target, `.NAME.lock`, and so ends with its process,
/// however that ends: a lock file that a dead process left holds nobody up. Some file systems have
/// no locks; there two owners are not kept apart.
package struct FileLock: ~Copyable, Sendable {
  private let path: String
  private let descriptor: Int32

  /// Takes the lock of the file at `target`, which need not exist.
  ///
  /// - Throws: a `FileError`, kind `.inputOutput`, where another owner has it; its number is named.
  package init(for target: String) throws(FileError) {
    let place = try WriteTarget(target)
    let path = "\(place.folder)/\(TemporaryFile.prefix(of: place.name))lock"
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
      guard descriptor >= 0 else { throw .unwritable(errno, file: target, action: "lock") }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        let code = errno
        if code == EINTR {
          close(descriptor)
          continue
        }
        if code == EWOULDBLOCK {
          let owner = Self.owner(descriptor)
          close(descriptor)
          throw FileError(
            .inputOutput, file: target,
            found: owner.map { "process \($0) is writing to it" }
              ?? "another process is writing to it",
            hint: "wait for it to end, or name another file")
        }
      }
      // The previous owner may have removed the file after it was opened here and before it was
      // locked.
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_nlink == 0 {
        close(descriptor)
        continue
      }
      let number = Array("\(getpid())\n".utf8)
      // Only for the message to the next one, so it does no harm if it fails.
      ftruncate(descriptor, 0)
      _ = pwrite(descriptor, number, number.count, 0)
      self.path = path
      self.descriptor = descriptor
      return
    }
  }

  deinit {
    unlink(path)
    close(descriptor)
  }

  private static func owner(_ descriptor: Int32) -> Int? {
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return count > 0
      ? Int(String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self)) : nil
  }
}
