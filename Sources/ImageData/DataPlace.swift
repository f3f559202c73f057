import Files
import Platform

/// Where the files of a data set are, and what their names begin with.
struct DataPlace {
  /// The folder, as the user wrote it.
  let folder: String
  /// The name of the set, which stands before those of its files; empty for none.
  let set: String

  /// Names a place; nothing is looked at.
  init(_ folder: String, set: String) { (self.folder, self.set) = (folder, set) }

  /// Finds the place that a path means: a folder that holds one data set, or one of several as
  /// `FOLDER/SET`.
  ///
  /// - Throws: a ``FileError`` where there is no such folder, it may not be looked into, or it holds
  ///   several sets.
  init(_ path: String) throws(FileError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let code = errno
      guard let named = Self.named(path) else {
        throw FileError.system(code, file: path, action: "open the data folder")
      }
      self = named
      return
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw FileError(
        .invalid, file: path, expected: "a folder with the data files", found: "a file",
        hint: "name the folder it is in")
    }
    guard access(path, X_OK) == 0 else {
      throw FileError.system(errno, file: path, action: "look into the data folder")
    }
    // What may be looked into need not be listed.
    let sets = (try? namesInFolder(path)).map(DataFileNames.sets) ?? []
    guard sets.count < 2 || sets.contains("") else {
      throw FileError(
        .invalid, file: path, expected: "one data set",
        found: "\(sets.count): \(sets.joined(separator: ", "))",
        hint: "name one of them, as in \(Self.join(path, sets[0]))")
    }
    self.init(path, set: sets.contains("") ? "" : sets.first ?? "")
  }

  /// The set that the last part of a path names, where the folder before it has one of that name.
  private static func named(_ path: String) -> DataPlace? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let set = parts.last, !set.isEmpty else { return nil }
    let parent = parts.dropLast().joined(separator: "/")
    let folder = parts.count == 1 ? "." : parent.isEmpty ? "/" : parent
    guard let names = try? namesInFolder(folder),
      DataFileNames.sets(in: names).contains(String(set))
    else { return nil }
    return DataPlace(folder, set: String(set))
  }

  /// The name that a file of the set has.
  func name(of file: String) -> String { set.isEmpty ? file : "\(set)-\(file)" }

  /// The path of a file of the set.
  func path(of file: String) -> String { Self.join(folder, name(of: file)) }

  /// The first of some names that there is. Throws where the system does not say whether there is one,
  /// as where it may not be looked for.
  func first(of names: [String]) throws(FileError) -> String? {
    for name in names {
      if access(path(of: name), F_OK) == 0 { return name }
      guard errno == ENOENT || errno == ENOTDIR else {
        throw .system(errno, file: path(of: name), action: "open")
      }
    }
    return nil
  }

  private static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }
}
