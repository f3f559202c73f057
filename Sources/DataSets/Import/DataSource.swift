import Files
import ImageData
import Platform

/// Where a data set is read from, and in which form it is there.
struct DataSource {
  /// The path, as the user wrote it.
  let path: String
  let format: DataImport.Format
  /// The names in it but hidden ones, where it is a folder.
  let names: [String]?

  /// Looks at a path; `format` is what the user says it is.
  init(_ path: String, format: DataImport.Format?) throws(FileError) {
    self.path = path
    var status = stat()
    let isThere = stat(path, &status) == 0
    let code = errno
    if isThere, status.st_mode & S_IFMT == S_IFDIR {
      do throws(SystemError) {
        names = try namesInFolder(path).filter { !$0.hasPrefix(".") }.sorted()
      } catch {
        throw .system(error.code, file: path, action: "list")
      }
    } else {
      names = nil
    }
    if let format {
      self.format = format
    } else if let names {
      self.format = try Self.format(ofFolder: path, names)
    } else if isThere {
      self.format = try Self.format(ofFile: path)
    } else {
      guard DataFolder.isNamedSet(path) else { throw .system(code, file: path, action: "open") }
      self.format = .idx
    }
  }

  private static func format(
    ofFolder path: String, _ names: [String]
  ) throws(FileError) -> DataImport.Format {
    if CIFAR.kind(of: Set(names)) != nil { return .cifar }
    if !DataFolder.setNames(in: names).isEmpty { return .idx }
    guard let table = names.first(where: { CSVParts.part(of: $0) != nil }) else { return .folders }
    // Such a file may as well say something about pictures.
    if let folder = try ClassFolders.firstOfPictures(in: path, names) {
      throw FileError(
        .invalid, file: path, expected: "CSV files or folders of pictures",
        found: "both, \(table) and \(folder)", hint: "state the format, csv or folders")
    }
    return .csv
  }

  private static func format(ofFile path: String) throws(FileError) -> DataImport.Format {
    if try WholeFile.start(of: path, count: 4) == ZipArchive.signature || path.hasSuffix(".npz") {
      return .npz
    }
    if path.hasSuffix(".csv") || path.hasSuffix(".csv.gz") { return .csv }
    throw FileError(
      .invalid, file: path, expected: "a folder, or a file named .csv, .csv.gz or .npz",
      found: "another file", hint: "for IDX files and CIFAR's name the folder they are in")
  }

  /// Whether it is one of EMNIST's sets by its name, or that of a file in it.
  var isNamedEMNIST: Bool {
    let own = path.split(separator: "/").last.map(String.init) ?? ""
    return ([own] + (names ?? [])).contains { $0.lowercased().hasPrefix("emnist") }
  }

  /// Reads it as its form asks.
  func read(
    _ settings: DataImport, progress: @escaping (Double) -> Void
  ) throws(FileError) -> ImportedData {
    switch format {
    case .idx: return ImportedData(try DataSet(DataFolder(path)), from: format.title)
    case .npz:
      return ImportedData(try NPZImages.read(path, progress: progress), from: format.title)
    case .csv:
      return ImportedData(
        try CSVParts.read(path, names: names, form: settings.form, progress: progress),
        from: format.title)
    case .cifar:
      let names = Set(try requireFolder())
      guard let kind = CIFAR.kind(of: names) else {
        throw FileError(
          .missing, file: path,
          expected: "data_batch_1.bin and so on, or train.bin and test.bin", found: "neither")
      }
      let set = try CIFAR.read(
        path, kind, names: names, hasCoarseLabels: settings.hasCoarseLabels, progress: progress)
      return ImportedData(set, from: kind.rawValue)
    case .folders:
      return try ClassFolders.read(
        path, names: try requireFolder(), settings: settings, progress: progress)
    }
  }

  private func requireFolder() throws(FileError) -> [String] {
    guard let names else {
      throw FileError(.invalid, file: path, expected: "a folder", found: "a file")
    }
    return names
  }
}
