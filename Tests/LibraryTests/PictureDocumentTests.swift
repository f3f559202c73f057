import Foundation
import MiniCNN
import TestSupport
import Testing

/// docs/own-pictures.md says what the tool and a program read in the pictures of the repository.
@Suite struct PictureDocumentTests {
  private func document() throws -> String {
    try String(contentsOfFile: Repository.path("docs/own-pictures.md"), encoding: .utf8)
  }

  @Test func picturesAreReadAsTheDocumentSays() throws {
    let folder = try TemporaryFolder()
    try folder.link("Models")
    try folder.link("docs")
    let text = try document()
    func read(_ words: String...) throws -> [Substring] {
      let outcome = try Program("minicnn").run(
        ["predict", "Models/digits-fast.weights.h5"] + words, in: folder.path)
      #expect(outcome.status == 0 && outcome.errors == "")
      return outcome.output.split(separator: "\n")
    }
    for line in try read("docs/pictures/five.jpg") {
      let shown = line.replacing(#/ +$/#, with: "")
      #expect(text.contains("\n\(shown)\n"), "\(shown)")
    }
    let number = try read("docs/pictures/number.jpg", "--many")
    #expect(number.first == "docs/pictures/number.jpg: 2 4 1 3")
    #expect(text.contains("is read as `2 4 1 3`"))
  }

  /// From the folder of the package, where tests run.
  @Test func theProgramOfTheDocumentRuns() throws {
    let checkpoint = try Checkpoint(contentsOf: "Models/digits-fast.weights.h5")
    guard let preparation = PicturePreparation(input: checkpoint.network.inputShape) else { return }
    let reader = PictureReader(Classifier(checkpoint.network), preparation, method: .manyDigits)
    for reading in try reader.read(try Picture(contentsOf: "docs/pictures/number.jpg")) {
      print(reading.prediction?.class ?? -1, reading.warnings, reading.prepared.changes.box)
    }
    let readings = try reader.read(try Picture(contentsOf: "docs/pictures/number.jpg"))
    #expect(readings.map { $0.prediction?.class } == [2, 4, 1, 3])

    let (text, source) = (try document(), try String(contentsOfFile: #filePath, encoding: .utf8))
    let block = try #require(text.components(separatedBy: "```swift\n").dropFirst().first)
    for line in block.components(separatedBy: "```")[0].split(separator: "\n") {
      #expect(source.contains("\n    \(line)\n"), "\(line)")
    }
  }
}
