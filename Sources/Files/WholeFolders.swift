internal import CFileSystem
import Platform

/// Has the names in a folder written to the disk; an error is one of `file`.
func flushNames(inFolder folder: String, reportingAs file: String) throws(FileError) {
  let folder = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard folder >= 0 else { return }
  defer { close(folder) }
  // Some file systems have no flush for folders; they say so with EINVAL or ENOTSUP.
  guard fsync(folder) == 0 || errno != EIO else { throw .unwritable(errno, file: file) }
}

/// Has a folder with all that is in it written to the disk.
func flushFolder(_ path: String) throws(SystemError) {
  let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
  guard folder >= 0 else { throw SystemError() }
  defer { close(folder) }
  // A call for each file takes milliseconds, and a folder may hold a hundred thousand.
  switch cfilesystem_flush(folder) {
  case 0: return
  case ENOSYS: try flushFiles(of: path, folder)
  case let code: throw SystemError(code: code)
  }
}

private func flushFiles(of path: String, _ folder: Int32) throws(SystemError) {
  for name in try namesInFolder(path) {
    var status = stat()
    guard lstat("\(path)/\(name)", &status) == 0 else { throw SystemError() }
    if PathKind(mode: status.st_mode) == .folder {
      try flushFolder("\(path)/\(name)")
    } else {
      let file = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      guard file >= 0 else { throw SystemError() }
      defer { close(file) }
      guard fsync(file) == 0 else { throw SystemError() }
    }
  }
  guard fsync(folder) == 0 else { throw SystemError() }
}

/// Exchanges what is at two paths of one file system in one step; `false` where it cannot do that.
func exchange(_ first: String, _ second: String) throws(SystemError) -> Bool {
  switch cfilesystem_exchange(first, second) {
  case 0: true
  case ENOSYS, EINVAL, ENOTSUP: false
  case let code: throw SystemError(code: code)
  }
}
