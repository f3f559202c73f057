import Files
import ImageData
import Pictures
import Platform

/// A folder of pictures for each class, in folders for each part or without.
enum ClassFolders {
  /// The endings of the names of pictures.
  private static let endings = [".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".pnm"]

  /// The part that a folder of this name holds.
  private static func part(of name: String) -> DataSplit? {
    switch name.lowercased() {
    case "train", "training": .train
    case "test", "testing": .test
    case "val", "valid", "validation": .validation
    default: nil
    }
  }

  /// What is in the folders.
  struct Listing {
    /// The folders of classes of each part.
    var parts: [DataSplit: [String: [String]]] = [:]
    /// Files that are no pictures by their names.
    var others: [String] = []
  }

  /// One picture of a part.
  private struct Entry {
    let path: String
    let name: String
    let label: UInt8
  }

  /// Reads a folder that holds `names`. The images of a part are in the natural order of their files'
  /// names, whatever their classes.
  static func read(
    _ path: String, names: [String], settings: DataImport, progress: (Double) -> Void
  ) throws(FileError) -> ImportedData {
    let listing = try list(path, names)
    let (classes, folders) = try classes(of: listing, in: path, names)
    var entries: [DataSplit: [Entry]] = [:]
    for (split, pictures) in listing.parts {
      var part: [Entry] = []
      for (folder, files) in pictures {
        guard let label = folders[folder] else { continue }
        part += files.map { Entry(path: $0, name: fileName($0), label: label) }
      }
      entries[split] = part.sorted { a, b in
        if a.name == b.name { return a.label < b.label }
        return isInNaturalOrder(a.name, b.name)
      }
    }
    let all = DataSplit.allCases.flatMap { entries[$0] ?? [] }
    var pictures = UniformPictures(settings: settings)
    try Picture.read(all.map(\.path)) { number, picture throws(FileError) in
      try pictures.add(picture, from: all[number].path)
      progress(Double(number + 1) / Double(all.count))
    }
    var parts: [DataSplit: ImageSet] = [:]
    var start = 0
    for split in DataSplit.allCases {
      guard let part = entries[split], !part.isEmpty else { continue }
      parts[split] = try pictures.set(
        start..<start + part.count, labels: part.map(\.label), name: path)
      start += part.count
    }
    guard !parts.isEmpty else {
      throw FileError(
        .missing, file: path, expected: "a folder of pictures for each class", found: "no pictures")
    }
    var imported = ImportedData(
      DataSet(parts: parts, classNames: classes), from: DataImport.Format.folders.title)
    if let other = listing.others.first {
      imported.warnings.append(.leftOut(listing.others.count, such: other))
    }
    return imported
  }

  private static func fileName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private static func list(_ path: String, _ names: [String]) throws(FileError) -> Listing {
    var listing = Listing()
    // A class may be called "train", and holds pictures then.
    var parts: [(DataSplit, String)] = []
    for name in names {
      guard let split = part(of: name), try isFolder("\(path)/\(name)"),
        try holdsFolders("\(path)/\(name)")
      else { continue }
      parts.append((split, name))
    }
    guard !parts.isEmpty else {
      listing.parts[.train] = try listClasses(path, names, &listing.others)
      return listing
    }
    for (split, name) in parts {
      guard listing.parts[split] == nil else {
        throw FileError(
          .invalid, file: path, place: "\(split) images", expected: "one folder", found: "two")
      }
      let folder = "\(path)/\(name)"
      listing.parts[split] = try listClasses(folder, try entries(folder), &listing.others)
    }
    let rest = names.filter { name in name != "classes.txt" && !parts.contains { $0.1 == name } }
    listing.others += rest.map { "\(path)/\($0)" }
    return listing
  }

  /// The first folder of a folder that holds `names` in which there are pictures, or folders of them.
  static func firstOfPictures(in path: String, _ names: [String]) throws(FileError) -> String? {
    for name in names where try isFolder("\(path)/\(name)") {
      if try holdsPictures("\(path)/\(name)") { return name }
    }
    return nil
  }

  private static func holdsPictures(_ path: String, inFolders: Bool = true) throws(FileError)
    -> Bool
  {
    for name in try entries(path) {
      if isPicture(name) { return true }
      if inFolders, try isFolder("\(path)/\(name)"),
        try holdsPictures("\(path)/\(name)", inFolders: false)
      {
        return true
      }
    }
    return false
  }

  private static func isPicture(_ name: String) -> Bool {
    endings.contains(where: name.lowercased().hasSuffix)
  }

  private static func holdsFolders(_ path: String) throws(FileError) -> Bool {
    for name in try entries(path) where try isFolder("\(path)/\(name)") { return true }
    return false
  }

  /// The pictures of each folder in a folder.
  private static func listClasses(
    _ path: String, _ names: [String], _ others: inout [String]
  ) throws(FileError) -> [String: [String]] {
    var classes: [String: [String]] = [:]
    for name in names {
      let folder = "\(path)/\(name)"
      guard try isFolder(folder) else {
        if name != "classes.txt" { others.append(folder) }
        continue
      }
      var pictures: [String] = []
      for file in try entries(folder) {
        if isPicture(file) {
          pictures.append("\(folder)/\(file)")
        } else {
          others.append("\(folder)/\(file)")
        }
      }
      classes[name] = pictures
    }
    return classes
  }

  /// The names in a folder but hidden ones, in order.
  private static func entries(_ path: String) throws(FileError) -> [String] {
    do throws(SystemError) {
      return try namesInFolder(path).filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw .system(error.code, file: path, action: "list")
    }
  }

  private static func isFolder(_ path: String) throws(FileError) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else {
      // A link that leads nowhere.
      guard errno != ENOENT else { return false }
      throw .system(errno, file: path, action: "look at")
    }
    return status.st_mode & S_IFMT == S_IFDIR
  }

  /// The classes, and the label of each folder: those that `classes.txt` names, or the folders' own names
  /// in natural order.
  private static func classes(
    of listing: Listing, in path: String, _ names: [String]
  ) throws(FileError) -> (ClassNames, [String: UInt8]) {
    let folders = Set(listing.parts.values.flatMap(\.keys)).sorted(by: isInNaturalOrder)
    guard !folders.isEmpty else {
      throw FileError(
        .missing, file: path, expected: "a folder of pictures for each class", found: "no folders")
    }
    let file = "\(path)/classes.txt"
    let isNamed = names.contains("classes.txt")
    let classes =
      isNamed
      ? try ClassNames(reading: file)
      : try ClassNames(checking: folders, file: path, place: "class")
    let known = isNamed ? FolderNames.of(classes) : folders
    let labels = Dictionary(
      known.enumerated().map { ($1, UInt8($0)) }, uniquingKeysWith: { first, _ in first })
    if let other = folders.first(where: { labels[$0] == nil }) {
      throw FileError(
        .invalid, file: file, expected: "a name for each folder of a class",
        found: "none for \(other)")
    }
    return (classes, labels)
  }
}
