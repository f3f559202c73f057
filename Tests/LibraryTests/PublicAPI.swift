import Foundation
import TestSupport

/// The declarations that a program which imports `MiniCNN` can name, as the compiler prints them.
struct PublicAPI {
  /// A document: a heading for each module and each type in it, below which the declarations stand.
  let document: String

  /// Reads the modules that the tests were built with.
  init() throws {
    let folder = try TemporaryFolder()
    let modules = try Self.exported()
    var document = """
      # The public API

      Every public declaration that `import MiniCNN` brings along, by module; a program of `MiniCNNCore` has ImageData, NeuralNetwork and Training. A test compares this page with the build; after a change that is meant `make record-api` writes it anew, and [CHANGELOG.md](../CHANGELOG.md) says what changed.

      """
    for (module, only) in modules.sorted(by: { $0.key < $1.key }) {
      try Self.extract(module, into: folder.path)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      var declared = ModuleDeclarations()
      for file in files.sorted()
      where file == "\(module).symbols.json" || file.hasPrefix("\(module)@") {
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + file))
        try declared.add(JSONDecoder().decode(SymbolGraph.self, from: data))
      }
      document += "\n## \(module)\n" + declared.text(only: only)
    }
    self.document = document
  }

  /// The declarations of such a document, each behind its module and type.
  static func entries(of document: String) -> Set<String> {
    var (module, type) = ("", "")
    var entries: Set<String> = []
    for line in document.split(separator: "\n") {
      if line.hasPrefix("## ") {
        module = String(line.dropFirst(3))
      } else if line.hasPrefix("### ") {
        type = String(line.dropFirst(4))
      } else if !module.isEmpty, !line.hasPrefix("```") {
        entries.insert("\(module), \(type): \(line.trimmingCharacters(in: .whitespaces))")
      }
    }
    return entries
  }

  /// The modules that the umbrella exports, each with the one name that it exports of it, if it is one.
  private static func exported() throws -> [String: String?] {
    let folder = Repository.path("Sources/MiniCNN")
    var modules: [String: String?] = [:]
    for file in try FileManager.default.contentsOfDirectory(atPath: folder)
    where file.hasSuffix(".swift") {
      let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      for match in text.matches(of: /@_exported import (?:[a-z]+ )?(\w+)(?:\.(\w+))?/) {
        modules.updateValue(match.2.map(String.init), forKey: String(match.1))
      }
    }
    return modules
  }

  /// Has the compiler write what a module declares, a file for the module and one for each that it extends.
  private static func extract(_ module: String, into folder: String) throws {
    let built = URL(fileURLWithPath: Program.path(of: ".")).resolvingSymlinksInPath()
    let triple = built.deletingLastPathComponent()
    let checkouts = triple.deletingLastPathComponent().appendingPathComponent("checkouts")
    let sources = URL(fileURLWithPath: Repository.path("Sources"))
    var maps = (contents(of: sources) + contents(of: built)).map {
      $0.appendingPathComponent("module.modulemap")
    }
    for package in contents(of: checkouts) {
      maps += contents(of: package.appendingPathComponent("Sources")).map {
        $0.appendingPathComponent("include/module.modulemap")
      }
    }
    let flags = maps.filter { FileManager.default.fileExists(atPath: $0.path) }
      .flatMap { ["-Xcc", "-fmodule-map-file=\($0.path)"] }
    let outcome = try Program(at: "/usr/bin/env").run(
      [
        "swift", "symbolgraph-extract", "-module-name", module, "-output-dir", folder,
        "-target", triple.lastPathComponent,
        "-I", built.appendingPathComponent("Modules").path, "-minimum-access-level", "public",
        "-skip-synthesized-members", "-skip-inherited-docs", "-omit-extension-block-symbols",
      ] + flags, in: folder)
    guard outcome.status == 0 else { throw ExtractionError(text: outcome.errors) }
  }

  private static func contents(of folder: URL) -> [URL] {
    let entries = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return (entries ?? []).sorted { $0.path < $1.path }
  }

  private struct ExtractionError: Error {
    let text: String
  }
}
