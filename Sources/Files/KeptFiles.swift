import Platform

/// Where earlier versions of a file are kept: the first path has the newest.
struct KeptFiles {
  let paths: [String]

  /// Keeps what is at the target, which stays there; all others grow older by one and the oldest is
  /// removed. No file that was there is missing at any moment, so a crash loses none but the
  /// oldest.
  func takeIn(_ target: WriteTarget) throws(FileError) {
    guard let newest = paths.first, WholeFile.exists(target.resolved) else { return }
    // A crash after this point leaves the target kept already.
    if Self.isSame(target.resolved, newest) { return }
    // A gap that a crash left while shifting takes the next one, so that it costs no older file.
    let gap = paths.firstIndex { !WholeFile.exists($0) } ?? paths.count - 1
    for age in stride(from: gap, to: 0, by: -1) {
      guard rename(paths[age - 1], paths[age]) == 0 else {
        throw .unwritable(errno, file: paths[age], action: "rename")
      }
      FaultPoint.shifted.pass()
    }
    if link(target.resolved, newest) != 0 {
      // Where the oldest is the only one there was no gap to make.
      if errno == EEXIST, unlink(newest) == 0, link(target.resolved, newest) == 0 { return }
      // Some file systems have no hard links, and a link may lead to another one.
      guard [EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS, EXDEV, EMLINK].contains(errno) else {
        throw .unwritable(errno, file: newest)
      }
      try AtomicFile.write(try WholeFile.read(target.resolved), to: newest)
    }
    FaultPoint.kept.pass()
  }

  private static func isSame(_ first: String, _ second: String) -> Bool {
    var (one, other) = (stat(), stat())
    return lstat(first, &one) == 0 && lstat(second, &other) == 0 && one.st_ino == other.st_ino
      && one.st_dev == other.st_dev
  }
}
