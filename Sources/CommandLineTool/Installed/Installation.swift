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
  static let systemData = "/usr/share/datasets"
  /// The packages that bring some of them.
  static let packages = ["fashion-mnist": "dataset-fashion-mnist"]

  /// The folders with `Models` and `Datasets`, in the order in which they are looked into.
  let homes: [String]
  /// The folder below which the program is installed, `/usr` for `/usr/bin/minicnn`; `nil` where it lies elsewhere.
  let prefix: String?

  /// - Parameters:
  ///   - program: the file of the program.
  ///   - home: the value of ``homeVariable``.
  init(program: String?, home: String?) {
    var homes = home.map { $0.isEmpty ? [] : [$0] } ?? []
    let parts = program.map { $0.split(separator: "/").map(String.init).dropLast() } ?? []
    func path(_ names: some Sequence<String>) -> String { names.map { "/" + $0 }.joined() }
    prefix = parts.last == "bin" ? path(parts.dropLast()) : nil
    if let prefix {
      homes.append(prefix + "/share/minicnn")
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
  /// - Parameter resolve: makes of a path the one that leads there from the current folder.
  /// - Throws: a `FileError` for a name by which nothing is installed, for a path that leads nowhere, where
  ///   something of its name is installed, and for a folder that is in the way of a name.
  func path(
    of text: String, as kinds: InstalledKind..., resolvedBy resolve: (String) -> String = { $0 }
  ) throws(FileError) -> String {
    guard !text.isEmpty else { throw unknown(text, kinds) }
    let path = resolve(text)
    let isThere =
      WholeFile.exists(path) || kinds.contains(.data) && DataFolder.isNamedSet(path)
    guard Self.isName(text) else {
      guard !isThere, let name = installedName(at: text, kinds) else { return text }
      throw FileError.system(
        ENOENT, file: text, action: kinds.contains(.data) ? "open the data folder" : "open",
        hint: "what is installed is called \(name)")
    }
    let installed = item(text, kinds)
    if !isThere {
      guard let installed else { throw unknown(text, kinds) }
      return installed
    }
    if let installed, isInTheWay(path, kinds) {
      throw FileError(
        .invalid, file: text, expected: kinds.contains(.data) ? "a data set" : "a file",
        found: "a folder of that name here, which comes before what is installed",
        hint: "name that by its path: \(installed)")
    }
    return text
  }

  /// Throws where a run is to be continued that is none but the name of a trained model, which can begin one.
  func refuseName(_ run: String) throws(FileError) {
    guard Self.isName(run), !WholeFile.exists(run), item(run, [.weights]) != nil else { return }
    throw FileError.system(
      ENOENT, file: run, action: "open",
      hint: "--init \(run) begins a run with the weights of the installed model")
  }

  /// The path of what is installed by a name.
  private func item(_ name: String, _ kinds: [InstalledKind]) -> String? {
    kinds.lazy.flatMap { kind in
      self.folders(kind).map { "\($0)/\(name)\(kind.suffix)" }
    }.first { WholeFile.exists($0) }
  }

  /// Whether a path leads to a folder that cannot be meant: one in place of a file, or without a data set.
  private func isInTheWay(_ path: String, _ kinds: [InstalledKind]) -> Bool {
    guard (try? namesInFolder(path)) != nil else { return false }
    guard kinds.contains(.data) else { return true }
    let data = DataFolder(path)
    return (try? data.files(.test)) == nil && (try? data.files(.train)) == nil
  }

  /// The name of what is installed that a path ends with: `lenet5` of `Models/lenet5.yaml`.
  private func installedName(at path: String, _ kinds: [InstalledKind]) -> String? {
    guard let last = path.split(separator: "/").last.map(String.init) else { return nil }
    return kinds.lazy.compactMap { kind -> String? in
      guard last.hasSuffix(kind.suffix) else { return nil }
      let name = String(last.dropLast(kind.suffix.count))
      return Self.isName(name) && self.item(name, [kind]) != nil ? name : nil
    }.first
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
      .missing, file: name.isEmpty ? "\"\"" : name,
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
