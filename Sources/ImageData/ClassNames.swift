import Files
import Platform

/// The names of the classes that labels stand for.
public struct ClassNames: Equatable, Sendable {
  /// The most bytes of a file of names.
  private static let limit = 1 << 16

  /// The name of each class, at most 256.
  public let names: [String]

  /// Names the classes, 1 to 256 of them.
  public init(_ names: [String]) {
    require((1...256).contains(names.count), "\(names.count) class names; expected 1 to 256")
    self.names = names
  }

  /// "0", "1", …: the numbers of the classes as their names.
  public static func numerals(_ count: Int) -> ClassNames {
    ClassNames((0..<count).map(String.init))
  }

  /// The ten classes of Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017).
  public static let fashionMNIST = ClassNames([
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
  ])

  /// Reads a text file, UTF-8, with one name per line in the order of the labels.
  ///
  /// - Throws: a ``FileError`` for a file without names or with more than 256, for an empty line
  ///   between names, and for control characters.
  public init(reading path: String) throws(FileError) {
    let file = try RegularFile(path)
    guard (1...Self.limit).contains(file.size) else {
      throw FileError(
        .invalid, file: path, expected: "class names in 1 to \(Self.limit) bytes",
        found: "\(file.size)")
    }
    var count = 0
    let storage = try ByteStorage(count: file.size, for: path) { buffer throws(FileError) in
      count = try file.read(into: buffer)
    }
    guard let text = String(validating: storage.bytes.prefix(count), as: UTF8.self) else {
      throw FileError(.invalid, file: path, expected: "text in UTF-8", found: "other bytes")
    }
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    while let last = lines.last, last.allSatisfy(\.isWhitespace) { lines.removeLast() }
    try self.init(checking: lines.map(String.init), file: path, place: "line")
  }

  /// Takes names from a file; `place` is what messages call the place of one, before its number.
  ///
  /// - Throws: as ``init(reading:)`` does, and for more bytes than it takes.
  package init(checking names: [String], file: String, place: String) throws(FileError) {
    guard (1...256).contains(names.count) else {
      throw FileError(
        .invalid, file: file, expected: "1 to 256 class names, one per line",
        found: "\(names.count)")
    }
    for (index, name) in names.enumerated() {
      if name.allSatisfy(\.isWhitespace) {
        throw FileError(
          .invalid, file: file, place: "\(place) \(index + 1)", expected: "a class name",
          found: "an empty line")
      }
      // Of these no line of text could be made.
      if name.unicodeScalars.contains(where: \.leavesLine) {
        throw FileError(
          .invalid, file: file, place: "\(place) \(index + 1)", expected: "a class name",
          found: "a control character")
      }
    }
    self.init(names)
    // Whatever names come from, ``init(reading:)`` takes them back.
    guard fileContent.count <= Self.limit else {
      throw FileError(
        .invalid, file: file,
        expected: "class names of at most \(Self.limit) bytes, with an end of line each",
        found: "\(fileContent.count)")
    }
  }

  /// The bytes of a file that ``init(reading:)`` takes, where the names are such as it takes.
  package var fileContent: [UInt8] { Array((names.joined(separator: "\n") + "\n").utf8) }

  /// The number of classes.
  public var count: Int { names.count }

  /// The name of class `label`, or its number where it has no name.
  public subscript(label: Int) -> String {
    names.indices.contains(label) ? names[label] : "\(label)"
  }
}
