import Platform

/// Whether two paths lead to one file, however they are written: the same file on the disk, under
/// two names or through links, or, where nothing is there yet, the same place in one folder.
package func isSameFile(_ first: String, _ second: String) -> Bool {
  var (one, other) = (stat(), stat())
  if stat(first, &one) == 0 {
    return stat(second, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino
  }
  guard let place = try? WriteTarget(first), let otherPlace = try? WriteTarget(second),
    place.name == otherPlace.name, stat(place.folder, &one) == 0,
    stat(otherPlace.folder, &other) == 0
  else { return first == second }
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino
}

/// What is at a path at one moment; differs once the file has been replaced.
package struct FileStamp: Equatable, Sendable {
  private let device: UInt64
  private let number: UInt64
  private let size: Int64
  private let modified: Int64

  /// Looks at a path; `nil` where nothing is there.
  package init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(truncatingIfNeeded: status.st_dev)
    number = UInt64(truncatingIfNeeded: status.st_ino)
    size = Int64(status.st_size)
    // An inode's number is reused once its file is gone.
    modified = modificationTime(status)
  }
}

/// The path from the root of the file system that a path means in the current working folder. Links
/// are not resolved.
package func absolutePath(_ path: String) -> String {
  guard !path.hasPrefix("/"), let folder = workingFolder else { return path }
  let parts = path.split(separator: "/").filter { $0 != "." }
  let whole = parts.reduce(folder == "/" ? "" : folder) { "\($0)/\($1)" }
  return whole.isEmpty ? "/" : whole
}

private var workingFolder: String? {
  guard let text = getcwd(nil, 0) else { return nil }
  defer { free(text) }
  return String(cString: text)
}
