import Platform

/// Where a write to a path has to go: the path its symbolic links lead to, and what is there now.
struct WriteTarget {
  /// The path as the user wrote it, for errors.
  let path: String
  /// The folder of the file to replace.
  let folder: String
  /// The name of the file to replace, in `folder`.
  let name: String
  /// The permission bits of the file that is there now, if one is.
  let permissions: mode_t?

  /// The path of the file to replace.
  var resolved: String { folder == "/" ? "/" + name : folder + "/" + name }

  /// Follows the links of `path` and looks at what is there.
  ///
  /// - Throws: `FileError` when a write cannot succeed: the folder does not exist, the path leads to
  ///   something that is not a regular file, or the file may not be written.
  init(_ path: String) throws(FileError) {
    self.path = path
    let resolved = try Self.followLinks(path)
    (folder, name) = Self.split(resolved)
    guard !name.isEmpty, name != ".", name != ".." else {
      throw FileError(.inputOutput, file: path, expected: "a path to a file", found: "a folder")
    }

    var status = stat()
    guard stat(folder, &status) == 0 else {
      let code = errno
      guard code == ENOENT || code == ENOTDIR else {
        throw .unwritable(code, file: path)
      }
      throw FileError(.inputOutput, file: path, found: "the folder \(folder) does not exist")
    }
    guard lstat(resolved, &status) == 0 else {
      guard errno == ENOENT else { throw .unwritable(errno, file: path) }
      permissions = nil
      return
    }
    let kind = PathKind(mode: status.st_mode)
    guard kind == .regular else {
      throw FileError(.inputOutput, file: path, expected: "a path to a file", found: kind.rawValue)
    }
    // Renaming over a read-only file would succeed, and defeat its owner's protection.
    guard access(resolved, W_OK) == 0 else { throw .unwritable(errno, file: path) }
    permissions = status.st_mode & 0o777
  }

  /// The path at the end of a chain of symbolic links, whose last one may lead to nothing yet.
  private static func followLinks(_ path: String) throws(FileError) -> String {
    var resolved = path
    for _ in 0..<40 {
      var status = stat()
      guard lstat(resolved, &status) == 0, PathKind(mode: status.st_mode) == .symbolicLink else {
        return resolved
      }
      var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
      let count = readlink(resolved, &buffer, buffer.count)
      guard count >= 0 else { throw .unwritable(errno, file: path) }
      let target = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
      resolved = target.hasPrefix("/") ? target : split(resolved).folder + "/" + target
    }
    throw .unwritable(ELOOP, file: path)
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let folder = String(path[..<slash])
    return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
  }
}
