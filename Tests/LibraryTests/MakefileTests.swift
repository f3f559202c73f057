import Foundation
import TestSupport
import Testing

/// The two makefiles: their help fits a screen, and what is written of their targets is so.
@Suite struct MakefileTests {
  private static let folders = ["", "Benchmarks"]

  /// The names of the targets of the makefile in a folder.
  private static func targets(in folder: String) throws -> Set<String> {
    let text = try String(
      contentsOfFile: Repository.path(folder.isEmpty ? "Makefile" : "\(folder)/Makefile"),
      encoding: .utf8)
    return Set(text.matches(of: /(?m)^(?<name>[a-z][a-z0-9-]*):(?!=)/).map { String($0.name) })
  }

  @Test(arguments: folders) func theHelpFitsAScreen(folder: String) throws {
    let outcome = try Program(at: "/usr/bin/make").run(
      ["--no-print-directory", "help"], in: Repository.path(folder),
      environment: ["MAKEFLAGS": "", "MAKELEVEL": ""])
    #expect(outcome.status == 0 && outcome.errors == "")
    let lines = outcome.output.split(separator: "\n")
    // Of 24 lines the shell takes the last.
    #expect(lines.count <= 23, "\(lines.count) lines")
    for line in lines { #expect(line.count <= 80, "\(line)") }
    let listed = lines.compactMap {
      $0.firstMatch(of: /^(?:[a-z]+ +| +)(?<name>[a-z][a-z0-9-]*) +[A-Z]/).map { String($0.name) }
    }
    #expect(listed.count >= 10)
    #expect(Set(listed).count == listed.count)
    #expect(try Self.targets(in: folder).isSuperset(of: listed))
  }

  /// A file that happened to have the name of a target would keep it from being made.
  @Test(arguments: folders) func noTargetIsAFile(folder: String) throws {
    let text = try String(
      contentsOfFile: Repository.path(folder.isEmpty ? "Makefile" : "\(folder)/Makefile"),
      encoding: .utf8)
    let phony = text.matches(of: /(?m)^\.PHONY:(?<names>.*)$/).flatMap {
      $0.names.split(separator: " ").map(String.init)
    }
    #expect(try Set(phony) == Self.targets(in: folder))
    #expect(Set(phony).count == phony.count)
  }

  @Test func everyTargetThatIsWrittenOfIsThere() throws {
    let known = try (
      root: Self.targets(in: ""), benchmarks: Self.targets(in: "Benchmarks")
    )
    let kinds: Set<String> = ["md", "swift", "py", "sh", "yaml", "c", "h", "txt"]
    let files = try #require(
      FileManager.default.enumerator(
        at: URL(fileURLWithPath: Repository.path("")), includingPropertiesForKeys: nil,
        options: .skipsHiddenFiles))
    // As code, or a line of its own.
    let mention =
      #/
      (?m)(?:`|^)make\ (?<folder>-C\ Benchmarks\ )?(?<target>[a-z][a-z0-9-]*)(?=[`\n]|\ \ |\ [A-Z])
      /#
    var count = 0
    for case let file as URL in files where kinds.contains(file.pathExtension) {
      guard let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
      for match in text.matches(of: mention) {
        let targets = match.folder == nil ? known.root : known.benchmarks
        #expect(targets.contains(String(match.target)), "\(file.path): \(match.output.0)")
        count += 1
      }
    }
    #expect(count >= 40)
  }
}
