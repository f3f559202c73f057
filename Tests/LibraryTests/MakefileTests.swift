import Foundation
import TestSupport
import Testing

/// The two makefiles: their help fits a screen, and what is written of their targets is so.
@Suite struct MakefileTests {
  private static let folders = ["", "Benchmarks"]

  @Test(arguments: folders) func theHelpFitsAScreen(folder: String) throws {
    let outcome = try Program(at: "/usr/bin/env").run(
      ["make", "--no-print-directory", "help"], in: Repository.path(folder),
      environment: ["MAKEFLAGS": "", "MAKELEVEL": ""])
    #expect(outcome.status == 0 && outcome.errors == "")
    let lines = outcome.output.split(separator: "\n")
    // Of 24 lines the shell takes the last.
    #expect(lines.count <= 23)
    for line in lines { #expect(line.count <= 80, "\(line)") }
    let listed = lines.compactMap {
      $0.firstMatch(of: /^(?:[a-z]+ +| +)(?<name>[a-z][a-z0-9-]*) +[A-Z]/).map { String($0.name) }
    }
    #expect(listed.count >= 10)
    #expect(Set(listed).count == listed.count)
    #expect(try Makefile(in: folder).targets.isSuperset(of: listed))
  }

  /// A file that happened to have the name of a target would keep it from being made.
  @Test(arguments: folders) func noTargetIsAFile(folder: String) throws {
    let makefile = try Makefile(in: folder)
    #expect(Set(makefile.phony) == makefile.targets)
    #expect(makefile.phony.count == makefile.targets.count)
  }

  /// One that is left out by a name it no longer has is run again, and nobody sees it.
  @Test func everySuiteThatIsNamedIsThere() throws {
    let named = try Makefile(in: "").tests
    #expect(named.count >= 20)
    let folder = Repository.path("Tests")
    var there = Set(try FileManager.default.contentsOfDirectory(atPath: folder))
    for case let file as String in try #require(FileManager.default.enumerator(atPath: folder))
    where file.hasSuffix("Tests.swift") {
      let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      for match in text.matches(of: /struct (?<name>\w+Tests)\b/) {
        there.insert(String(match.name))
      }
    }
    #expect(named.subtracting(there) == [])
  }

  @Test func everyTargetThatIsWrittenOfIsThere() throws {
    let (root, benchmarks) = try (Makefile(in: ""), Makefile(in: "Benchmarks"))
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
        let makefile = match.folder == nil ? root : benchmarks
        #expect(
          makefile.targets.contains(String(match.target)), "\(file.path): \(match.output.0)")
        count += 1
      }
    }
    #expect(count >= 40)
  }
}
