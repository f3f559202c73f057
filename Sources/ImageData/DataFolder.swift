import Files
// What loading throws, for whoever imports this module alone.
@_exported import struct Files.FileError
import Platform

/// A folder that holds a data set under MNIST's file names.
///
/// Looked for are `train-images-idx3-ubyte`, `train-images.idx3-ubyte`, the same with `idx4`
/// (images of several channels), and each of them with `.gz`; for the test images `t10k-…`, then
/// `test-…`; for validation images `validation-…`, then `val-…`; labels likewise with `idx1`. The
/// first that exists is taken, so a plain file is preferred to a gzip file: it loads several times
/// faster.
public struct DataFolder: Sendable {
  /// The path of the folder, as the user wrote it.
  public let path: String

  /// Names a folder; nothing is read yet.
  public init(_ path: String) { self.path = path.isEmpty ? "." : path }

  /// The paths of the images and the labels of one part of the data.
  ///
  /// - Throws: a ``FileError`` of kind `missing` that lists what was looked for.
  public func files(_ split: DataSplit) throws(FileError) -> (images: String, labels: String) {
    try requireFolder()
    let images = try first(of: Self.imageNames(split))
    let labels = try first(of: Self.labelNames(split))
    guard let images else {
      throw try missing("\(split) images", Self.imageNames(split), split, present: labels)
    }
    guard let labels else {
      throw try missing("\(split) labels", Self.labelNames(split), split, present: images)
    }
    return (join(images), join(labels))
  }

  /// Reads the images and the labels of one part of the data.
  ///
  /// - Throws: a ``FileError`` for files that are missing or invalid.
  public func load(_ split: DataSplit) throws(FileError) -> ImageSet {
    let files = try files(split)
    return try ImageSet(images: files.images, labels: files.labels)
  }

  /// The names in the folder's `classes.txt`, one per line; nil when it has no such file.
  public func classNames() throws(FileError) -> ClassNames? {
    try requireFolder()
    guard let name = try first(of: ["classes.txt"]) else { return nil }
    return try ClassNames(reading: join(name))
  }

  /// The names an images file may have, best first.
  private static func imageNames(_ split: DataSplit) -> [String] {
    names(split, content: "images", types: ["idx3", "idx4"])
  }

  /// The names a labels file may have, best first.
  private static func labelNames(_ split: DataSplit) -> [String] {
    names(split, content: "labels", types: ["idx1"])
  }

  private static func names(_ split: DataSplit, content: String, types: [String]) -> [String] {
    func names(_ prefixes: [String]) -> [String] {
      var names: [String] = []
      for ending in ["", ".gz"] {
        for prefix in prefixes {
          for type in types {
            for separator in ["-", "."] {
              names.append("\(prefix)-\(content)\(separator)\(type)-ubyte\(ending)")
            }
          }
        }
      }
      return names
    }
    // A gzip file of its own name is what validates, whatever plain file trains.
    return split == .validation
      ? split.fileNamePrefixes.flatMap { names([$0]) } : names(split.fileNamePrefixes)
  }

  /// The first of some names that there is. Throws where the system does not say whether there is one,
  /// as where it may not be looked for.
  private func first(of names: [String]) throws(FileError) -> String? {
    for name in names {
      if access(join(name), F_OK) == 0 { return name }
      guard errno == ENOENT || errno == ENOTDIR else {
        throw .system(errno, file: join(name), action: "open")
      }
    }
    return nil
  }

  private func join(_ name: String) -> String {
    path.hasSuffix("/") ? path + name : "\(path)/\(name)"
  }

  private func requireFolder() throws(FileError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw FileError.system(
        errno, file: path, action: "open the data folder")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw FileError(
        .invalid, file: path, expected: "a folder with the data files", found: "a file",
        hint: "name the folder it is in")
    }
    guard access(path, X_OK) == 0 else {
      throw FileError.system(errno, file: path, action: "look into the data folder")
    }
  }

  private func missing(
    _ what: String, _ names: [String], _ split: DataSplit, present: String?
  ) throws(FileError) -> FileError {
    let plain = names.filter { !$0.hasSuffix(".gz") }
    let other: DataSplit = split == .train ? .test : .train
    var hint: String?
    if let present {
      hint = "\(present) is there"
    } else if try first(of: Self.imageNames(other)) != nil {
      hint = "the \(other) images are there"
    }
    return FileError(
      .missing, file: path, place: what,
      expected: "one of \(plain.joined(separator: ", ")), plain or with .gz", found: "none",
      hint: hint)
  }
}

/// The parts of an MNIST-format data set.
public enum DataSplit: String, CaseIterable, Sendable {
  /// What the model learns from.
  case train
  /// What the finished model is judged by.
  case test
  /// What settings, and the best epoch, are chosen by: files named so, or all that a folder has for
  /// training.
  case validation

  /// How the names of its files may begin, in the order in which they are looked for.
  var fileNamePrefixes: [String] {
    switch self {
    case .train: ["train"]
    case .test: ["t10k", "test"]
    case .validation: ["validation", "val", "train"]
    }
  }
}
