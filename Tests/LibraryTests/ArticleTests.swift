import Foundation
import TestSupport
import Testing

/// The articles of the library's documentation: each is a program of Examples, in pieces.
@Suite(.serialized) struct ArticleTests {
  private static func article(_ name: String) throws -> Document {
    try Document("\(Document.catalogue)/Articles/\(name).md")
  }

  private static func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }

  /// Each article and its program.
  static let programs = [
    "FirstNetwork": "DigitClassifier", "FollowADigit": "FollowADigit",
    "YourOwnPictures": "ReadPictures", "LayersOfYourOwn": "OwnLayer",
    "StoppingAndResuming": "StopAndResume", "Reproducibility": "SameBits",
    "ManyMachines": "TrainTogether", "KerasAndBack": "KerasAndBack",
  ]

  @Test func theirPiecesAreThePrograms() throws {
    let articles = try Document.all(in: "\(Document.catalogue)/Articles")
    #expect(articles.count == Self.programs.count)
    for article in articles {
      let name = (article.path as NSString).lastPathComponent.dropLast(3)
      let program = try #require(Self.programs[String(name)], "\(article)")
      let source = try String(
        contentsOfFile: Repository.path("Examples/\(program)/main.swift"), encoding: .utf8)
      #expect(
        Self.lines(article.blocks("swift").joined()) == Self.lines(source),
        "\(article) and Examples/\(program)")
      #expect(article.text.contains("`Examples/\(program)`"))
    }
  }

  /// The programs of the others are run by ``DocumentTests``.
  @Test(arguments: [
    "FollowADigit", "YourOwnPictures", "StoppingAndResuming", "Reproducibility", "KerasAndBack",
  ])
  func theyPrintWhatTheArticlesSay(name: String) throws {
    let article = try Self.article(name)
    let folder = try TemporaryFolder()
    for link in ["Datasets", "Models", "docs"] { try folder.link(link) }
    let outcome = try Program(try #require(Self.programs[name])).run([], in: folder.path)
    #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)")
    // Other instruction sets round otherwise, and train to other weights.
    if name != "Reproducibility" || ShippedModelTests.roundsAsStated {
      #expect(outcome.output == article.blocks("text").joined(), "\(article)")
    }
    if name == "Reproducibility" {
      let digests = outcome.output.matches(of: /weights: ([0-9a-f]{16})…/).map { $0.1 }
      #expect(digests.count == 4 && Set(digests[..<3]).count == 1 && digests[3] != digests[0])
    }
  }

  /// What a reader may copy has been compiled: it stands in a program of Examples or in a test, or is a manifest.
  @Test func everySnippetIsCompiled() throws {
    let sources = try ["Examples", "Tests/LibraryTests"].flatMap(Self.swift).map {
      Self.bare($0.text)
    }
    var count = 0
    func check(_ snippet: String, of place: String) {
      count += 1
      #expect(
        sources.contains { $0.contains(Self.bare(snippet)) },
        "\(place): no program of Examples and no test of LibraryTests has\n\(snippet)")
    }
    for document in try Document.all() {
      for block in document.blocks("swift") {
        if block.hasPrefix("// swift-tools-version") {
          try Self.checkManifest(block, of: document)
        } else {
          check(block, of: document.path)
        }
      }
    }
    for (path, text) in try Self.swift(in: "Sources") {
      for block in text.components(separatedBy: "/// ```swift\n").dropFirst() {
        let lines = Self.lines(block.components(separatedBy: "/// ```")[0])
        check(
          lines.map { $0.drop { $0 == " " }.dropFirst("/// ".count) }.joined(separator: "\n"),
          of: path)
      }
    }
    #expect(count > 40)
  }

  /// The Swift files of a folder.
  private static func swift(in folder: String) throws -> [(path: String, text: String)] {
    try FileManager.default.subpathsOfDirectory(atPath: Repository.path(folder))
      .filter { $0.hasSuffix(".swift") }.map { name in
        let path = "\(folder)/\(name)"
        return (path, try String(contentsOfFile: Repository.path(path), encoding: .utf8))
      }
  }

  /// Swift without indentation, which is more in a test than in a document, and without empty lines.
  private static func bare(_ text: String) -> String {
    lines(text).map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
  }

  private static func checkManifest(_ manifest: String, of document: Document) throws {
    let folder = try TemporaryFolder()
    try folder.write("Package.swift", Array(manifest.utf8))
    let outcome = try Program(at: "/usr/bin/env").run(
      ["swift", "package", "dump-package"], in: folder.path)
    #expect(outcome.status == 0, "\(document): \(outcome.errors)")
  }
}
