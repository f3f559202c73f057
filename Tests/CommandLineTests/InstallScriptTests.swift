import Foundation
import TestSupport
import Testing

/// What make install puts below a folder, and make uninstall takes away.
@Suite struct InstallScriptTests {
  private func run(_ script: String, _ arguments: [String]) throws -> Program.Outcome {
    try Program(at: "/bin/sh").run(["Packaging/\(script)"] + arguments, in: Repository.path(""))
  }

  private func install(_ prefix: String) throws -> Program.Outcome {
    try run("install", [Program.path(of: "minicnn"), "", prefix])
  }

  private func files(_ folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
  }

  @Test func whatIsInstalledWorksAndIsRemovedWithAllFoldersThatWereMade() throws {
    let place = try TemporaryFolder()
    let prefix = place("prefix")
    #expect(try install(prefix).output == "installed below \(prefix)\n")
    let first = try files(prefix)
    #expect(first.contains("bin/minicnn") && first.contains("share/man/man1/minicnn.1"))
    let read = try Program(at: "\(prefix)/bin/minicnn").run(
      ["summary", "lenet5", "--no-time"], in: place.path)
    #expect(read.status == 0 && read.errors == "")
    // A second installation knows what the first has made.
    #expect(try install(prefix).status == 0)
    #expect(try files(prefix) == first)
    #expect(try run("uninstall", ["", prefix]).status == 0)
    #expect(try place.names == [])
    let again = try run("uninstall", ["", prefix])
    #expect(again.status == 66)
    #expect(
      again.errors == "error: \(prefix): nothing is installed there; PREFIX names another folder\n")
  }

  @Test func whatIsNotOursStays() throws {
    let place = try TemporaryFolder()
    let prefix = place("prefix")
    try FileManager.default.createDirectory(
      atPath: "\(prefix)/bin", withIntermediateDirectories: true)
    try place.write("prefix/bin/minicnn", [1])
    let refused = try install(prefix)
    #expect(refused.status == 64)
    #expect(
      refused.errors
        == "error: \(prefix)/bin/minicnn: is there, and is none of ours; move it away, or name another folder with PREFIX\n"
    )
    #expect(try files(prefix) == ["bin", "bin/minicnn"])
    try FileManager.default.removeItem(atPath: "\(prefix)/bin/minicnn")
    #expect(try install(prefix).status == 0)
    try place.write("prefix/share/minicnn/Models/mine.yaml", [1])
    #expect(try run("uninstall", ["", prefix]).status == 0)
    #expect(
      try files(prefix) == [
        "bin", "share", "share/minicnn", "share/minicnn/Models", "share/minicnn/Models/mine.yaml",
      ])
  }
}
