import Files
import ImageData

/// A data set in memory: images of bytes, and the names of their classes.
public struct DataSet: Sendable {
  /// The images and labels of each part that there is; images without labels are only for prediction.
  public var parts: [DataSplit: ImageSet]
  /// The names of the classes, where they have some.
  public var classNames: ClassNames?

  /// Takes the parts of a data set.
  public init(parts: [DataSplit: ImageSet], classNames: ClassNames? = nil) {
    (self.parts, self.classNames) = (parts, classNames)
  }

  /// Reads all parts of a folder of IDX files.
  ///
  /// - Throws: a ``FileError`` where there is none, one is invalid, or its pixels are no bytes.
  public init(_ folder: DataFolder) throws(FileError) {
    var parts: [DataSplit: ImageSet] = [:]
    for split in DataSplit.allCases {
      let files = try folder.ownFiles(split)
      if let images = files.images {
        parts[split] = try ImageSet(images: images, labels: files.labels)
      } else if files.labels != nil {
        _ = try folder.files(split)
      }
    }
    // Says what was looked for.
    if parts.isEmpty { _ = try folder.files(.train) }
    for set in parts.values {
      guard set.hasBytes else {
        throw FileError(
          .invalid, file: set.imageFile, place: "pixels", expected: "unsigned bytes",
          found: "other numbers")
      }
      guard set.targetValues == nil else {
        throw FileError(
          .invalid, file: set.labelFile ?? set.imageFile, place: "labels",
          expected: "classes as unsigned bytes", found: "32-bit floats")
      }
    }
    self.init(parts: parts, classNames: try folder.classNames())
  }

  /// The parts that there are, training first.
  public var splits: [DataSplit] { DataSplit.allCases.filter { parts[$0] != nil } }

  /// The number of classes: as many as have names, or as the highest label says.
  public var classCount: Int {
    max(classNames?.count ?? 0, parts.values.compactMap(\.classCount).max() ?? 0)
  }

  /// Writes the parts as a folder of IDX files and `classes.txt`, in place of a folder of such files
  /// where that is asked for. It appears when it is complete.
  ///
  /// - Parameters:
  ///   - isCompressed: whether the files are gzip files; plain ones load several times faster.
  ///   - replacing: whether a folder that holds nothing else may be replaced.
  /// - Throws: a ``FileError`` where something else is there, the class names are such as no file holds, or
  ///   the system cannot write it.
  public func write(
    to path: String, isCompressed: Bool = false, replacing: Bool = false
  ) throws(FileError) {
    let names = try classNames?.content(for: "\(path)/classes.txt")
    let isDataFile: (String) -> Bool = { DataFolder.isDataFile($0) }
    let folder = try StagedFolder(path, replacing: replacing ? isDataFile : nil)
    for split in splits {
      guard let set = parts[split] else { continue }
      for file in Self.files(of: set, split) {
        try folder.write(
          isCompressed ? Deflate.gzip(file.content) : file.content,
          to: isCompressed ? "\(file.name).gz" : file.name)
      }
    }
    if let names { try folder.write(names, to: "classes.txt") }
    try folder.commit()
  }

  /// Throws what ``write(to:isCompressed:replacing:)`` would throw for this path now, as far as that can
  /// be known without writing.
  public static func verifyWritable(_ path: String, replacing: Bool = false) throws(FileError) {
    let isDataFile: (String) -> Bool = { DataFolder.isDataFile($0) }
    _ = try StagedFolder(path, replacing: replacing ? isDataFile : nil)
  }

  private static func files(
    of set: ImageSet, _ split: DataSplit
  ) -> [(name: String, content: [UInt8])] {
    let prefix = split == .test ? "t10k" : split.rawValue
    let images = "\(prefix)-images-idx\(set.channels == 1 ? 3 : 4)-ubyte"
    let labels = set.labels.map {
      ("\(prefix)-labels-idx1-ubyte", IDXWriter.encoded(labels: $0))
    }
    return [(images, IDXWriter.encoded(set))] + (labels.map { [$0] } ?? [])
  }
}

extension ClassNames {
  /// The bytes of a file of the names.
  ///
  /// - Throws: a `FileError` for that file where it could not be read again.
  func content(for file: String) throws(FileError) -> [UInt8] {
    try ClassNames(checking: names, file: file, place: "line").fileContent
  }
}
