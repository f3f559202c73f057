import Platform

extension StagedFolder {
  /// Removes what programs that were killed have left beside a target, and puts the old one back where
  /// the new one had not got there.
  static func recover(beside target: String) {
    let (folder, name) = split(target)
    let prefix = TemporaryFile.prefix(of: name)
    for name in (try? namesInFolder(folder.isEmpty ? "." : folder))?.sorted() ?? [] {
      let isOld = name.hasSuffix(".tmp.old")
      guard name.hasPrefix(prefix), isOld || name.hasSuffix(".tmp"),
        name.dropFirst(prefix.count).dropLast(isOld ? 8 : 4)
          .allSatisfy({ "0123456789-".contains($0) })
      else { continue }
      let path = folder + name
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      // Its owner holds the lock.
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
      if isOld, !WholeFile.exists(target), rename(path, target) == 0 { continue }
      remove(path)
    }
  }

  /// Removes a folder with all that is in it. What cannot be removed stays.
  static func remove(_ folder: String) {
    for name in (try? namesInFolder(folder)) ?? [] {
      let path = "\(folder)/\(name)"
      var status = stat()
      if lstat(path, &status) == 0, PathKind(mode: status.st_mode) == .folder {
        remove(path)
      } else {
        unlink(path)
      }
    }
    rmdir(folder)
  }
}
