import Platform

/// The right to replace a file, held by one owner at a time.
///
/// It is a kernel lock on a file beside the target, `.NAME.lock`, and so ends with its process,
/// however that ends: a lock file that a dead process left holds nobody up. Some file systems have
/// no locks; there two owners are not kept apart (``isKept``).
package struct FileLock: ~Copyable, Sendable {
  /// Whether others are kept out: not where the file system has no locks.
  package let isKept: Bool
  private let path: String
  private let descriptor: Int32

  /// Takes the lock of the file at `target`, which need not exist.
  ///
  /// - Throws: a `FileError`, kind `.inputOutput`, where another owner has it; its number is named.
  package init(for target: String) throws(FileError) {
    var owner: String?
    guard let lock = try Self.take(target, owner: &owner) else {
      throw Self.taken(target, owner: owner)
    }
    self = lock
  }

  /// Takes the lock of the file at `target`; `nil` where another owner has it.
  package static func ifFree(_ target: String) throws(FileError) -> FileLock? {
    var owner: String?
    return try take(target, owner: &owner)
  }

  /// Takes a lock that its owners hold for moments, and waits for it.
  ///
  /// - Throws: a `FileError`, kind `.inputOutput`, where another owner still has it after the seconds.
  package static func waiting(for target: String, seconds: Int = 120) throws(FileError) -> FileLock
  {
    let end = ContinuousClock().now + .seconds(seconds)
    while true {
      var owner: String?
      if let lock = try take(target, owner: &owner) { return lock }
      guard ContinuousClock().now < end else { throw taken(target, owner: owner) }
      usleep(5000)
    }
  }

  private init(path: String, descriptor: Int32, isKept: Bool) {
    (self.path, self.descriptor, self.isKept) = (path, descriptor, isKept)
  }

  deinit {
    unlink(path)
    close(descriptor)
  }

  /// Takes the lock, or says who has it as far as that is known.
  private static func take(
    _ target: String, owner: inout String?
  ) throws(FileError) -> FileLock? {
    let place = try WriteTarget(target)
    let path = "\(place.folder)/\(TemporaryFile.prefix(of: place.name))lock"
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
      guard descriptor >= 0 else { throw .unwritable(errno, file: target, action: "lock") }
      var isKept = true
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        let code = errno
        if code == EINTR {
          close(descriptor)
          continue
        }
        if code == EWOULDBLOCK {
          owner = Self.owner(descriptor)
          close(descriptor)
          return nil
        }
        isKept = false
      }
      // The previous owner may have removed the file after it was opened here and before it was
      // locked. Over a network, what another machine has removed cannot even be asked for.
      var status = stat()
      let isThere = fstat(descriptor, &status) == 0 ? status.st_nlink > 0 : errno != ESTALE
      guard isThere else {
        close(descriptor)
        continue
      }
      let number = Array("\(getpid()) \(hostName)\n".utf8)
      // Only for the message to the next one, so it does no harm if it fails.
      ftruncate(descriptor, 0)
      _ = pwrite(descriptor, number, number.count, 0)
      return FileLock(path: path, descriptor: descriptor, isKept: isKept)
    }
  }

  private static func taken(_ target: String, owner: String?) -> FileError {
    FileError(
      .inputOutput, file: target,
      found: "\(owner ?? "another process") is writing to it",
      hint: "wait for it to end, or name another file")
  }

  /// `process 12`, with its machine where that is another one: a folder may be shared.
  private static func owner(_ descriptor: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: 300)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    let words = String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self)
      .split(separator: " ", maxSplits: 1)
    guard let number = words.first.flatMap({ Int($0) }) else { return nil }
    let host = words.count > 1 ? String(words[1]) : hostName
    return "process \(number)" + (host == hostName ? "" : " on \(host)")
  }
}
