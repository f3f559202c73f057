import Foundation
import TestSupport
import Testing

@testable import CommandLineTool

/// The manual pages say what the help says.
@Suite struct ManualTests {
  /// The pages, generated at a stated time.
  private func pages() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let outcome = try Program("minicnn").run(
      ["generate-manual", folder.path], in: "/",
      environment: ["SOURCE_DATE_EPOCH": "1700000000"])
    #expect(outcome.status == 0 && outcome.errors == "")
    #expect(outcome.output == "\(folder.path): \(HelpItems.all.count) pages\n")
    return folder
  }

  /// The words of each section of a page, as a reader sees it.
  private func sections(_ page: String) throws -> [String: [String]] {
    let outcome = try Program(at: "/usr/bin/mandoc").run(
      ["-Tutf8", "-Owidth=200", page], in: "/")
    let text = outcome.output.replacing(/.\u{8}/, with: "")
    let lines = text.split(separator: "\n").dropFirst().dropLast()
    var sections: [String: [String]] = [:]
    var title = ""
    for line in lines {
      if line.first != " " {
        title = String(line)
      } else {
        // The title of a group of options.
        let isTitle = line.hasPrefix("   ") && !line.hasPrefix("    ")
        sections[title, default: []] += words(isTitle ? line.uppercased() : String(line))
      }
    }
    return sections
  }

  private func words(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }

  /// What stands before the usage: the blocks below titles, and all other words.
  private func parted(_ lines: [String]) -> (titled: [String: [String]], rest: [String]) {
    var titled: [String: [String]] = [:]
    var rest: [String] = []
    var title: String?
    for line in lines {
      if line.first != " " { title = line.allSatisfy { $0.isUppercase || $0 == " " } ? line : nil }
      if let title {
        if line != title { titled[title, default: []] += words(line) }
      } else {
        rest += words(line)
      }
    }
    return (titled, rest)
  }

  @Test func everyPageSaysWhatHelpSaysAndNothingElse() throws {
    let folder = try pages()
    let helps = HelpItems.all
    #expect(helps.count > 25)
    let names = helps.map { $0.words.joined(separator: "-") }
    #expect(try folder.names == names.map { "\($0).1" }.sorted())
    let known = [
      "NAME", "SYNOPSIS", "DESCRIPTION", "SUBCOMMANDS", "ARGUMENTS", "OPTIONS", "EXAMPLES", "FILES",
      "SEE ALSO",
    ]
    for (help, name) in zip(helps, names) {
      let page = try sections(folder("\(name).1"))
      let (titled, rest) = parted(help.discussion)
      #expect(page["NAME"] == words("\(name) - \(help.abstract.dropLast())"))
      #expect(page["SYNOPSIS"] == words(help.usage), "\(name)")
      #expect(page["DESCRIPTION"] ?? [] == rest, "\(name)")
      #expect(page["EXAMPLES"] ?? [] == titled["EXAMPLES"] ?? [], "\(name)")
      #expect(page["FILES"] ?? [] == titled["FILES"] ?? [], "\(name)")
      func listed(_ isMeant: (String) -> Bool) -> [(title: String, words: [String])] {
        help.lists.filter { isMeant($0.title) }.map { list in
          (list.title, list.items.flatMap { words("\($0.label) \($0.text)") })
        }
      }
      for title in ["ARGUMENTS", "SUBCOMMANDS"] {
        let expected = listed { $0 == title }.flatMap(\.words)
        #expect(page[title] ?? [] == expected, "\(name)")
      }
      let grouped = listed { !["ARGUMENTS", "SUBCOMMANDS", "OPTIONS"].contains($0) }
      let options =
        listed { $0 == "OPTIONS" }.flatMap(\.words) + grouped.flatMap { [$0.title] + $0.words }
      #expect(page["OPTIONS"] == options, "\(name)")

      let references = page["SEE ALSO"] ?? []
      #expect(!references.isEmpty, "\(name)")
      let referred = references.compactMap { $0.split(separator: "(").first.map(String.init) }
      #expect(referred.allSatisfy(names.contains), "\(name)")
      #expect(Set(page.keys).subtracting(known) == ["EXIT STATUS", "ENVIRONMENT"], "\(name)")
      // The help of the tool itself has these for all commands.
      guard help.words.count == 1 else { continue }
      let codes = titled["EXIT CODES"]?.joined(separator: " ").replacingOccurrences(
        of: ",", with: "")
      let status = page["EXIT STATUS"]?.joined(separator: " ")
      #expect(status?.replacingOccurrences(of: ",", with: "") == codes)
      #expect(page["ENVIRONMENT"] == titled["ENVIRONMENT"])
      #expect(titled.count == 3)
    }
  }

  @Test func pagesAreFreeOfWarnings() throws {
    let folder = try pages()
    let names = try folder.names
    let lint = try Program(at: "/usr/bin/mandoc").run(
      ["-Tlint", "-Wstyle"] + names, in: folder.path)
    #expect(lint.status == 0 && lint.output == "" && lint.errors == "")
    let groff = try Program(at: "/usr/bin/groff").run(
      ["-man", "-ww", "-Kutf8", "-Tutf8", "-z"] + names, in: folder.path)
    #expect(groff.status == 0 && groff.output == "" && groff.errors == "")
  }

  @Test func pagesBearTheStatedDateAndKeepTheShapeOfFiles() throws {
    let folder = try pages()
    let sweep = try String(contentsOfFile: folder("minicnn-sweep.1"), encoding: .utf8)
    #expect(sweep.hasPrefix(".TH MINICNN\\-SWEEP 1 2023-11-14 \"minicnn "))
    let text = try Program(at: "/usr/bin/mandoc").run(
      ["-Tascii", folder("minicnn-sweep.1")], in: "/"
    ).output.replacing(/.\u{8}/, with: "")
    #expect(
      text.contains(
        "    settings:                        # keys of a training: block\n"
          + "             learning_rate: [0.003, 0.01]\n"))
  }

  @Test func aFolderThatIsNotThereIsNamed() throws {
    let folder = try TemporaryFolder()
    let outcome = try Program("minicnn").run(["generate-manual", "none"], in: folder.path)
    #expect(outcome.status == 74 && outcome.output == "")
    #expect(outcome.errors == "error: none/minicnn.1: the folder none does not exist\n")
  }

  /// docs/tool.md, the tour of the tool, leaves no command out.
  @Test func everyCommandIsInTheTour() throws {
    let tour = try String(contentsOfFile: Repository.path("docs/tool.md"), encoding: .utf8)
    let names = HelpItems.all.filter { $0.words.count == 2 }.map { $0.words[1] }
    #expect(names.count >= 20)
    let left = names.filter { !tour.contains("**\($0)") }
    #expect(left.isEmpty, "\(left)")
  }
}
