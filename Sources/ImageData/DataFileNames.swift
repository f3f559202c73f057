/// The names that the files of a data set may have.
enum DataFileNames {
  /// Those of the images of one part, best first.
  static func images(_ split: DataSplit) -> [String] { names(split, "images", ["idx3", "idx4"]) }

  /// Those of its labels, best first.
  static func labels(_ split: DataSplit) -> [String] { names(split, "labels", ["idx1"]) }

  /// Those of images that begin with one of some words, best first.
  static func images(_ words: [String]) -> [String] { names(words, "images", ["idx3", "idx4"]) }

  /// Those of labels that begin with one of some words, best first.
  static func labels(_ words: [String]) -> [String] { names(words, "labels", ["idx1"]) }

  /// The names of the data sets whose files are among these, in increasing order; an empty one for
  /// files without.
  static func sets(in names: [String]) -> [String] {
    var sets: Set<String> = []
    for name in names where name.hasSuffix("-ubyte") || name.hasSuffix("-ubyte.gz") {
      for file in all where name.hasSuffix(file) {
        let rest = name.dropLast(file.count)
        if rest.isEmpty || rest.last == "-" { sets.insert(String(rest.dropLast())) }
      }
    }
    return sets.sorted()
  }

  private static let all = DataSplit.allCases.flatMap { split in
    images(split.ownFileNamePrefixes) + labels(split.ownFileNamePrefixes)
  }

  private static func names(_ split: DataSplit, _ content: String, _ types: [String]) -> [String] {
    // A gzip file of its own name is what validates, whatever plain file trains.
    split == .validation
      ? split.fileNamePrefixes.flatMap { names([$0], content, types) }
      : names(split.fileNamePrefixes, content, types)
  }

  private static func names(
    _ words: [String], _ content: String, _ types: [String]
  ) -> [String] {
    var names: [String] = []
    for ending in ["", ".gz"] {
      for word in words {
        for type in types {
          for separator in ["-", "."] {
            names.append("\(word)-\(content)\(separator)\(type)-ubyte\(ending)")
          }
        }
      }
    }
    return names
  }
}
