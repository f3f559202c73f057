import Files
import MiniCNN
import Platform

/// The models and data sets that commands take by name, from any folder.
struct Installation {
  /// Something installed.
  struct Item: Equatable {
    let name: String
    let path: String
  }

  /// That of this process.
  static let current = Installation(
    program: programFile, home: environmentVariable(homeVariable))

  /// The variable that names a folder with `Models` and `Datasets`.
  static let homeVariable = "MINICNN_HOME"

  /// Where Debian's packages put data sets.
  private static let systemData = "/usr/share/datasets"
  /// The packages that bring some of them.
  static let packages = ["fashion-mnist": "dataset-fashion-mnist"]

  /// The folders with `Models` and `Datasets`, in the order in which they are looked into.
  let homes: [String]

  /// - Parameters:
  ///   - program: the file of the program.
  ///   - home: the value of ``homeVariable``.
  init(program: String?, home: String?) {
    var homes = home.map { $0.isEmpty ? [] : [$0] } ?? []
    let parts = program.map { $0.split(separator: "/").map(String.init).dropLast() } ?? []
    func path(_ names: some Sequence<String>) -> String { names.map { "/" + $0 }.joined() }
    if parts.last == "bin" {
      homes.append(path(parts.dropLast()) + "/share/minicnn")
    } else if let build = parts.lastIndex(where: { $0.hasPrefix(".build") }) {
      let checkout = path(parts[..<build])
      if WholeFile.exists("\(checkout)/Models") { homes.append(checkout) }
    }
    self.homes = homes
  }

  /// The folders in which things of a kind are looked for, one after the other.
  func folders(_ kind: InstalledKind) -> [String] {
    homes.map { "\($0)/\(kind.folder)" } + (kind == .data ? [Self.systemData] : [])
  }

  /// What is installed of a kind, by name, each name once.
  func items(_ kind: InstalledKind) -> [Item] {
    var items: [String: Item] = [:]
    for folder in folders(kind) {
      for file in (try? namesInFolder(folder)) ?? [] where file.hasSuffix(kind.suffix) {
        let name = String(file.dropLast(kind.suffix.count))
        let path = "\(folder)/\(file)"
        guard Self.isName(name), items[name] == nil else { continue }
        if kind == .data, (try? DataFolder(path).files(.test)) == nil { continue }
        items[name] = Item(name: name, path: path)
      }
    }
    return items.values.sorted { isInNaturalOrder($0.name, $1.name) }
  }

  /// The path of what a text names: the text itself, where it is a path, or else what is installed by that name of
  /// the first of the kinds of which there is one.
  ///
  /// - Parameter isPath: whether it leads somewhere; what does is never taken for a name.
  /// - Throws: a `FileError` for a name by which nothing is installed.
  func path(
    of text: String, as kinds: InstalledKind...,
    isPath: (String) -> Bool = { WholeFile.exists($0) }
  ) throws(FileError) -> String {
    let isSet = kinds.contains(.data) && DataFolder.isNamedSet(text)
    guard Self.isName(text), !isPath(text), !isSet else { return text }
    for kind in kinds {
      for folder in folders(kind) {
        let path = "\(folder)/\(text)\(kind.suffix)"
        if WholeFile.exists(path) { return path }
      }
    }
    throw unknown(text, kinds)
  }

  /// Whether a text may be a name: letters, digits, - and _ alone, so that no ending and no folder is in it.
  static func isName(_ text: String) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool {
      let small = byte | 0x20
      return small >= UInt8(ascii: "a") && small <= UInt8(ascii: "z")
    }
    func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    guard let first = text.utf8.first, isLetter(first) || isDigit(first) else { return false }
    return text.utf8.allSatisfy {
      isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
    }
  }

  private func unknown(_ name: String, _ kinds: [InstalledKind]) -> FileError {
    let kind = kinds[0]
    let names = kinds.reduce(into: [String]()) { names, kind in
      names += items(kind).map(\.name).filter { !names.contains($0) }
    }
    let listed = names.isEmpty ? "none is" : names.joined(separator: ", ")
    let places = kinds.flatMap(folders).reduce(into: [String]()) { places, place in
      if !places.contains(place) { places.append(place) }
    }
    return FileError(
      .missing, file: name,
      expected: "\(kind.pathKind), or the name of an installed \(kind.title) (\(listed))",
      found: "neither here nor in \(places.isEmpty ? "an installation" : list(places))",
      hint: hint(name, kind, among: names))
  }

  /// What helps whoever has named something that is not there.
  private func hint(_ name: String, _ kind: InstalledKind, among names: [String]) -> String? {
    if kind == .weights, items(.model).contains(where: { $0.name == name }) {
      return "\(name) is not trained yet: minicnn train --model \(name)"
    }
    if let package = Self.packages[name] { return "apt-get install \(package) brings it" }
    return names.closest(to: name)
      ?? (names.isEmpty ? "minicnn doctor says how to install some" : nil)
  }

  private func list(_ places: [String]) -> String {
    guard let last = places.last, places.count > 1 else { return places.joined() }
    return places.dropLast().joined(separator: ", ") + " or " + last
  }
}
