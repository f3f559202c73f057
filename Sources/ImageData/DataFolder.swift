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
///
/// All of these names may begin with that of a data set, as `emnist-letters-train-images-idx3-ubyte`
/// does. Where a folder holds several such sets, `FOLDER/emnist-letters` names one of them.
public struct DataFolder: Sendable {
  /// The path of the folder, as the user wrote it.
  public let path: String

  /// Names a folder, or a folder and the data set in it; nothing is read yet.
  public init(_ path: String) { self.path = path.isEmpty ? "." : path }

  /// The paths of the images and the labels of one part of the data.
  ///
  /// - Throws: a ``FileError`` of kind `missing` that lists what was looked for.
  public func files(_ split: DataSplit) throws(FileError) -> (images: String, labels: String) {
    let place = try DataPlace(path)
    let images = try place.first(of: DataFileNames.images(split))
    let labels = try place.first(of: DataFileNames.labels(split))
    guard let images else {
      throw try missing(.images, split, present: labels, at: place)
    }
    guard let labels else {
      throw try missing(.labels, split, present: images, at: place)
    }
    return (place.path(of: images), place.path(of: labels))
  }

  /// The paths of the images and the labels of one part that have names of its own, as images for
  /// validation need not; `nil` for a file that is not there.
  package func ownFiles(
    _ split: DataSplit
  ) throws(FileError) -> (images: String?, labels: String?) {
    let place = try DataPlace(path)
    let names = split.ownFileNamePrefixes
    return (
      try place.first(of: DataFileNames.images(names)).map(place.path),
      try place.first(of: DataFileNames.labels(names)).map(place.path)
    )
  }

  /// Reads the images and the labels of one part of the data.
  ///
  /// - Throws: a ``FileError`` for files that are missing or invalid.
  public func load(_ split: DataSplit) throws(FileError) -> ImageSet {
    let files = try files(split)
    return try ImageSet(images: files.images, labels: files.labels)
  }

  /// The names in the data set's `classes.txt`, one per line; nil when it has no such file.
  public func classNames() throws(FileError) -> ClassNames? {
    let place = try DataPlace(path)
    for place in [place, DataPlace(place.folder, set: "")] {
      guard let name = try place.first(of: ["classes.txt"]) else { continue }
      return try ClassNames(reading: place.path(of: name))
    }
    return nil
  }

  /// The name of the data set, with which the names of its files begin: `emnist-letters`; empty for
  /// those of MNIST.
  package func setName() throws(FileError) -> String { try DataPlace(path).set }

  /// The path of another file of the data set, where there is one: of `mapping.txt`, say, that of
  /// `emnist-letters-mapping.txt`.
  package func companion(_ name: String) throws(FileError) -> String? {
    let place = try DataPlace(path)
    return try place.first(of: [name]).map(place.path)
  }

  /// The names of the data sets whose files are among these, in increasing order; an empty one for files
  /// that are named as MNIST's.
  package static func setNames(in names: [String]) -> [String] { DataFileNames.sets(in: names) }

  /// Whether a file of this name is one of a data set without a name.
  package static func isDataFile(_ name: String) -> Bool {
    name == "classes.txt" || DataFileNames.sets(in: [name]) == [""]
  }

  /// Whether a path that leads to no file or folder names a data set in a folder.
  package static func isNamedSet(_ path: String) -> Bool { (try? DataPlace(path)) != nil }

  private func missing(
    _ kind: IDXKind, _ split: DataSplit, present: String?, at place: DataPlace
  ) throws(FileError) -> FileError {
    let names = kind == .images ? DataFileNames.images(split) : DataFileNames.labels(split)
    let plain = names.filter { !$0.hasSuffix(".gz") }.map(place.name)
    let other: DataSplit = split == .train ? .test : .train
    var hint: String?
    if let present {
      hint = "\(place.name(of: present)) is there"
    } else if try place.first(of: DataFileNames.images(other)) != nil {
      hint = "the \(other) images are there"
    }
    return FileError(
      .missing, file: path, place: "\(split) \(kind == .images ? "images" : "labels")",
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
    self == .validation
      ? ownFileNamePrefixes + DataSplit.train.fileNamePrefixes : ownFileNamePrefixes
  }

  /// Of those, the ones that no other part takes.
  var ownFileNamePrefixes: [String] {
    switch self {
    case .train: ["train"]
    case .test: ["t10k", "test"]
    case .validation: ["validation", "val"]
    }
  }
}
