import Files
import ImageData

/// The file beside an EMNIST set that says which characters its labels stand for: lines of a label and
/// one or two codes, `1 65 97` for A and a.
package struct EMNISTMapping {
  /// The lowest label.
  let first: Int
  /// The characters from that label on.
  let classNames: ClassNames

  /// Reads the mapping of a source of IDX files; `nil` where it has none.
  static func read(of source: DataSource) throws(FileError) -> EMNISTMapping? {
    guard source.format == .idx,
      let path = try DataFolder(source.path).companion("mapping.txt")
    else { return nil }
    return try EMNISTMapping(reading: path)
  }

  /// Reads a file.
  package init(reading path: String) throws(FileError) {
    let bytes = try WholeFile.read(path, limit: 1 << 16)
    var characters: [Int: String] = [:]
    let lines = String(decoding: bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (number, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
      let words = line.split(whereSeparator: \.isWhitespace)
      let numbers = words.compactMap { Int($0) }
      guard numbers.count == words.count, (2...3).contains(numbers.count),
        (0...255).contains(numbers[0]), (0x21...0x7e).contains(numbers[1]),
        let scalar = Unicode.Scalar(numbers[1])
      else {
        throw FileError(
          .invalid, file: path, place: "line \(number + 1)",
          expected: "a label from 0 to 255 and the codes of one or two characters",
          found: "\(line)")
      }
      characters[numbers[0]] = String(scalar)
    }
    let labels = characters.keys.sorted()
    guard let first = labels.first, let last = labels.last, last - first + 1 == labels.count else {
      throw FileError(
        .invalid, file: path, expected: "labels without gaps", found: "\(labels.count) labels")
    }
    self.first = first
    classNames = ClassNames(labels.compactMap { characters[$0] })
  }
}
