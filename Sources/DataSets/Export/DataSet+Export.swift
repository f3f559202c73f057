import Files
import ImageData

extension DataSet {
  /// The forms that a data set can be written in, besides IDX files.
  public enum ExportFormat: String, CaseIterable, Sendable {
    /// PNG files in a folder for each class, in one for each part.
    case folders
    /// A CSV file for each part, as Kaggle has them.
    case csv
    /// One archive of NumPy's, as MedMNIST has it.
    case npz
  }

  /// Writes the data set so that ``DataImport`` reads the same one: a folder, or a file in the case of
  /// ``ExportFormat/npz``. It appears when it is complete.
  ///
  /// - Parameters:
  ///   - replacing: whether a folder that holds nothing but such files, or an archive of arrays, may be
  ///     replaced.
  ///   - progress: is told the share of the work that is done, 0 to 1.
  /// - Throws: a ``FileError`` where the format cannot hold the data set, something else is at the path,
  ///   or the system cannot write there.
  public func export(
    to path: String, as format: ExportFormat, replacing: Bool = false,
    progress: (Double) -> Void = { _ in }
  ) throws(FileError) {
    switch format {
    case .folders: try exportFolders(to: path, replacing: replacing, progress: progress)
    case .csv: try exportCSV(to: path, replacing: replacing, progress: progress)
    case .npz: try exportNPZ(to: path, replacing: replacing, progress: progress)
    }
  }

  /// Names for all labels: the data set's own, or numerals.
  private var allNames: ClassNames {
    if let classNames, classNames.count >= classCount { return classNames }
    let own = classNames?.names ?? []
    return ClassNames(own + (own.count..<max(classCount, 1)).map(String.init))
  }
}

extension DataSet {
  /// A picture's name is its number in its part, so that natural order gives the part's order.
  private func exportFolders(
    to path: String, replacing: Bool, progress: (Double) -> Void
  ) throws(FileError) {
    for split in splits {
      guard let set = parts[split] else { continue }
      guard set.channels == 1 || set.channels == 3 else {
        throw FileError(
          .invalid, file: set.imageFile, place: "channels", expected: "1 or 3, as pictures have",
          found: "\(set.channels)")
      }
      guard set.labels != nil else {
        throw FileError(
          .invalid, file: set.imageFile, expected: "images with labels, whose folders they go to",
          found: "images alone")
      }
    }
    let names = allNames
    let namesFile = try names.content(for: "\(path)/classes.txt")
    let isPicture: (String) -> Bool = { ExportedNames.isPicture($0) }
    let folder = try StagedFolder(path, replacing: replacing ? isPicture : nil)
    let folders = FolderNames.of(names)
    let all = parts.values.reduce(0) { $0 + $1.count }
    var done = 0
    for split in splits {
      guard let set = parts[split], let labels = set.labels else { continue }
      try folder.makeFolder(split.rawValue)
      for name in folders { try folder.makeFolder("\(split)/\(name)") }
      let digits = String(set.count - 1).count
      var picture = PNGImage(
        height: set.height, width: set.width, channels: set.channels, shade: 0)
      for (number, label) in labels.enumerated() {
        set.copyPixels(of: number, into: &picture.pixels)
        let text = String(number)
        let name = String(repeating: "0", count: digits - text.count) + text + ".png"
        let file = "\(split)/\(folders[Int(label)])/\(name)"
        try folder.write(try picture.encoded("\(path)/\(file)"), to: file)
        done += 1
        progress(Double(done) / Double(all))
      }
    }
    try folder.write(namesFile, to: "classes.txt")
    try folder.commit()
  }

  private func exportCSV(
    to path: String, replacing: Bool, progress: (Double) -> Void
  ) throws(FileError) {
    let names = try classNames?.content(for: "\(path)/classes.txt")
    let isTable: (String) -> Bool = { ExportedNames.isTable($0) }
    let folder = try StagedFolder(path, replacing: replacing ? isTable : nil)
    for (number, split) in splits.enumerated() {
      guard let set = parts[split] else { continue }
      try folder.write(try set.csv(), to: "\(split).csv")
      progress(Double(number + 1) / Double(splits.count))
    }
    if let names { try folder.write(names, to: "classes.txt") }
    try folder.commit()
  }
}

/// The files that an export writes into its folder.
private enum ExportedNames {
  static func isPicture(_ path: String) -> Bool {
    guard path != "classes.txt" else { return true }
    let parts = path.split(separator: "/")
    return parts.count == 3 && isPart(parts[0]) && parts[2].hasSuffix(".png")
      && parts[2].dropLast(4).allSatisfy { $0.isASCII && $0.isNumber }
  }

  static func isTable(_ path: String) -> Bool {
    path == "classes.txt" || (path.hasSuffix(".csv") && isPart(path.dropLast(4)))
  }

  private static func isPart(_ name: Substring) -> Bool {
    DataSplit(rawValue: String(name)) != nil
  }
}
