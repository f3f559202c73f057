import Platform

/// A folder that is filled under another name and appears under its own when it is complete, in place
/// of the one that was there.
///
/// The content goes to `.NAME.PID-N.tmp` beside it, which is removed where it does not get that far. One
/// that replaces another is flushed to the disk before, and the two are exchanged in one step; where a
/// file system cannot do that, the other one is called `.NAME.PID-N.tmp.old` for a moment. What a program
/// that was killed has left there is removed, or put back, by the next one for the same folder.
package struct StagedFolder: ~Copyable {
  /// Where to write meanwhile.
  package let path: String
  private let target: String
  private let replacing: ((String) -> Bool)?
  /// Holds the lock that says that the owner of ``path`` lives.
  private let lock: Int32
  private var isCommitted = false
  /// Exchanges two folders, or says that it cannot.
  var exchanging: (String, String) throws(SystemError) -> Bool = exchange

  /// Makes the folder that is to be filled.
  ///
  /// - Parameters:
  ///   - target: where it is to appear. Nothing may be there, or an empty folder, or else a folder that
  ///     is to be replaced.
  ///   - replacing: whether a file of that folder, by its path within, is one that may be lost; `nil`
  ///     where none may.
  /// - Throws: a `FileError` where it cannot be made, or what is there may not be lost.
  package init(
    _ target: String, replacing: ((String) -> Bool)? = nil
  ) throws(FileError) {
    var place = target
    while place.count > 1, place.hasSuffix("/") { place.removeLast() }
    Self.recover(beside: place)
    _ = try Self.check(place, replacing: replacing)
    (path, lock) = try Self.make(beside: place)
    self.target = place
    self.replacing = replacing
  }

  /// The folder that a path is in, with a slash at its end unless it is the working folder, and its name.
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("", path) }
    return (String(path[...slash]), String(path[path.index(after: slash)...]))
  }

  /// Makes a folder beside another that is still to appear, and locks it.
  private static func make(
    beside target: String
  ) throws(FileError) -> (path: String, lock: Int32) {
    let (folder, name) = split(target)
    guard !name.isEmpty, name != ".", name != ".." else {
      throw FileError(
        .inputOutput, file: target, expected: "a folder to be made", found: "one that is in use")
    }
    var number = 0
    while true {
      let path = "\(folder)\(TemporaryFile.prefix(of: name))\(getpid())-\(number).tmp"
      if mkdir(path, 0o777) == 0 {
        let lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        if lock >= 0 { while flock(lock, LOCK_EX) != 0, errno == EINTR {} }
        // A program that was cleaning up may have removed it before it was locked.
        if access(path, F_OK) == 0 { return (path, lock) }
        if lock >= 0 { close(lock) }
      } else if errno != EEXIST {
        throw .unwritable(errno, file: target)
      }
      number += 1
    }
  }

  deinit {
    if !isCommitted { Self.remove(path) }
    if lock >= 0 { close(lock) }
  }

  /// Makes a folder in it.
  package func makeFolder(_ name: String) throws(FileError) {
    guard mkdir("\(path)/\(name)", 0o777) == 0 || errno == EEXIST else {
      throw .unwritable(errno, file: "\(target)/\(name)")
    }
  }

  /// Writes a new file in it. It is flushed to the disk only where the folder replaces another, which may
  /// be what it was made of; else what is lost with the machine's power can be made again.
  package func write(_ bytes: [UInt8], to name: String) throws(FileError) {
    let descriptor = open(
      "\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw .unwritable(errno, file: "\(target)/\(name)") }
    defer { close(descriptor) }
    do throws(SystemError) {
      try bytes.withUnsafeBufferPointer { (bytes) throws(SystemError) in
        try writeFully(descriptor, UnsafeRawBufferPointer(bytes))
      }
    } catch {
      throw .unwritable(error.code, file: "\(target)/\(name)")
    }
  }

  /// Puts the folder in its place.
  ///
  /// - Throws: a `FileError` where the system cannot, or where something has come into the old folder that
  ///   may not be lost; that one is then unchanged.
  package consuming func commit() throws(FileError) {
    let isReplacing = WholeFile.exists(target)
    do throws(SystemError) {
      if isReplacing { try flushFolder(path) }
    } catch {
      throw .unwritable(error.code, file: target)
    }
    // Something may have come into the old one meanwhile.
    _ = try Self.check(target, replacing: replacing)
    do throws(SystemError) {
      if isReplacing {
        if try !exchanging(path, target) { try replaceInTwoSteps() }
      } else if rename(path, target) != 0 {
        throw SystemError()
      }
    } catch {
      throw .unwritable(error.code, file: target, action: isReplacing ? "replace" : "write")
    }
    isCommitted = true
    guard isReplacing else { return }
    try flushNames(inFolder: Self.split(target).folder, reportingAs: target)
    Self.remove(path)
  }

  /// Exchanges this folder and the old one by renaming both.
  private borrowing func replaceInTwoSteps() throws(SystemError) {
    let old = path + ".old"
    // Says that the owner lives, and nobody is to put it back.
    let lock = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    defer { if lock >= 0 { close(lock) } }
    if lock >= 0 { while flock(lock, LOCK_EX) != 0, errno == EINTR {} }
    guard rename(target, old) == 0 else { throw SystemError() }
    guard rename(path, target) == 0 else {
      let error = SystemError()
      rename(old, target)
      throw error
    }
    rename(old, path)
  }

  /// Throws where what is at a path may not be replaced; whether anything is there.
  private static func check(
    _ target: String, replacing: ((String) -> Bool)?
  ) throws(FileError) -> Bool {
    var status = stat()
    guard lstat(target, &status) == 0 else {
      guard errno == ENOENT else { throw .unwritable(errno, file: target) }
      return false
    }
    let kind = PathKind(mode: status.st_mode)
    guard kind == .folder else {
      throw FileError(
        .inputOutput, file: target, expected: "a path to a folder", found: kind.rawValue)
    }
    var files: [String] = []
    try list("", in: target, &files)
    if let other = files.first(where: { !(replacing?($0) ?? false) }) {
      throw FileError(
        .inputOutput, file: target,
        expected: replacing == nil
          ? "no such folder, or an empty one" : "a folder that can be replaced",
        found: replacing == nil ? "\(other) in it" : "\(other), which was not written so")
    }
    return true
  }

  private static func list(
    _ inner: String, in target: String, _ files: inout [String]
  ) throws(FileError) {
    let folder = inner.isEmpty ? target : "\(target)/\(inner)"
    let names: [String]
    do throws(SystemError) {
      names = try namesInFolder(folder).sorted()
    } catch {
      throw .system(error.code, file: folder, action: "list")
    }
    for name in names {
      let path = inner.isEmpty ? name : "\(inner)/\(name)"
      var status = stat()
      guard lstat("\(target)/\(path)", &status) == 0 else {
        throw .system(errno, file: "\(target)/\(path)", action: "look at")
      }
      if PathKind(mode: status.st_mode) == .folder {
        try list(path, in: target, &files)
      } else {
        files.append(path)
      }
    }
  }
}
