import Foundation
import TestSupport
import Testing

/// What README and docs say is run.
@Suite(.serialized) struct DocumentTests {
  /// The fenced blocks of a language in a document.
  private func blocks(_ language: String, in document: String) throws -> [String] {
    let text = try String(contentsOfFile: Repository.path(document), encoding: .utf8)
    return text.components(separatedBy: "```\(language)\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
  }

  @Test(arguments: [
    ("README.md", "DigitClassifier"), ("docs/max-pooling-and-relu.md", "SeePooling"),
  ])
  func theProgramsOfTheDocumentsAreThoseThatAreBuilt(document: String, program: String) throws {
    let source = try String(
      contentsOfFile: Repository.path("Examples/\(program)/main.swift"), encoding: .utf8)
    #expect(try blocks("swift", in: document) == [source])
  }

  @Test func theDigitClassifierLearns() throws {
    let folder = try TemporaryFolder()
    try folder.link("Datasets")
    let outcome = try Program("DigitClassifier").run([], in: folder.path)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 2)
    let accuracy = try #require(Double(lines[0].dropFirst("accuracy: ".count)))
    #expect(accuracy >= 0.97)
    #expect(lines[1] == "the first test digit is a 7")
  }

  @Test func poolingIsSeen() throws {
    let outcome = try Program("SeePooling").run([], in: "/")
    #expect(outcome.status == 0)
    #expect(
      outcome.output == """
        pooled: [4.0, 3.0, 0.0, 9.0]
        argmax: [2, 1, 0, 2]
        behind the pooling: [0.0, 0.0, 0.0, 20.0, 10.0, 0.0, 0.0, 0.0, 30.0, 0.0, 0.0, 0.0, 0.0, 0.0, 40.0, 0.0]
        at the image:       [0.0, 0.0, 0.0, 20.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 40.0, 0.0]
        shifted: [4.0, 3.0, 0.0, 9.0]

        """)
  }

  @Test(arguments: [
    "README.md", "docs/max-pooling-and-relu.md", "docs/reliability.md", "docs/recipes.md",
  ])
  func everyCommandOfTheDocumentsRuns(document: String) throws {
    let folder = try TemporaryFolder()
    try folder.link("Datasets")
    try folder.link("Models")
    let tool = Program("minicnn")
    let commands = try blocks("sh", in: document).flatMap { $0.split(separator: "\n") }
    #expect(commands.count >= 2)
    for command in commands {
      let words = command.split(separator: "#")[0].split(separator: " ").map(String.init)
      if words[0] == "make" {
        let makefile = try String(contentsOfFile: Repository.path("Makefile"), encoding: .utf8)
        #expect(makefile.contains("\n\(words[1]):"), "\(command)")
        continue
      }
      #expect(words[0] == "minicnn")
      let needsFashion = words.contains("/usr/share/datasets/fashion-mnist")
      if needsFashion, !FileManager.default.fileExists(atPath: "/usr/share/datasets/fashion-mnist")
      {
        continue
      }
      let outcome = try tool.run(Array(words.dropFirst()), in: folder.path)
      #expect(outcome.status == 0, "\(command)\n\(outcome.errors)")
      #expect(!outcome.output.isEmpty, "\(command)")
    }
  }
}
