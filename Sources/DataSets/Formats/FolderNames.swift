import ImageData

/// The folders that stand for classes, by the names of these.
enum FolderNames {
  /// What the folders of classes are called: their names, as far as every system takes these for the
  /// names of files. Different classes have different folders, even where case makes no difference.
  static func of(_ names: ClassNames) -> [String] {
    var taken: Set<String> = []
    return names.names.map { name in
      let safe = safe(name)
      var unique = safe
      var number = 2
      while !taken.insert(unique.lowercased()).inserted {
        unique = "\(safe)-\(number)"
        number += 1
      }
      return unique
    }
  }

  private static let reserved: Set<String> = Set(
    ["con", "prn", "aux", "nul"] + (1...9).flatMap { ["com\($0)", "lpt\($0)"] })

  /// A name without what a file's name may not have: separators, characters that shells or other systems
  /// take for something else, dots and spaces at its ends.
  private static func safe(_ name: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in name.unicodeScalars {
      let isAllowed: Bool =
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
          .unassigned:
          false
        default: !"/\\:*?\"<>|".unicodeScalars.contains(scalar)
        }
      scalars.append(isAllowed ? scalar : "_")
    }
    // File systems take 255 bytes; a number may follow.
    while String(scalars).utf8.count > 200 { scalars.removeLast() }
    var safe = String(scalars)
    let ends: Set<Character> = [".", " ", "-"]
    while let first = safe.first, ends.contains(first) {
      safe = "_" + safe.dropFirst().drop { $0 == first }
    }
    while let last = safe.last, ends.contains(last) { safe.removeLast() }
    let stem = safe.prefix { $0 != "." }.lowercased()
    return safe.isEmpty || reserved.contains(stem) ? safe + "_" : safe
  }
}
