import Foundation
import MiniCNN
import TestSupport
import Testing

/// docs/lab.md says what the experiments print.
@Suite(.serialized) struct LabDocumentTests {
  @Test(
    .timeLimit(.minutes(10)), arguments: ["pooling", "activation", "flatten", "regularization"])
  func theExperimentsComeOutAsTheDocumentSays(name: String) throws {
    let text = try String(contentsOfFile: Repository.path("docs/lab.md"), encoding: .utf8)
    let command = "lab \(name) --data Datasets/mnist -o \(name).svg"
    #expect(text.contains("```sh\nminicnn \(command)\n```\n"))
    #expect(text.contains("](lab/\(name).svg)"))
    let folder = try TemporaryFolder()
    try folder.link("Datasets")
    let outcome = try Program("minicnn").run(
      command.split(separator: " ").map(String.init), in: folder.path)
    #expect(outcome.status == 0)
    let (lines, said) = (outcome.output.split(separator: "\n"), text.split(separator: "\n"))
    #expect(lines.last == "saved \(name).svg")
    let picture = try String(contentsOfFile: "\(folder.path)/\(name).svg", encoding: .utf8)
    let drawn = try String(
      contentsOfFile: Repository.path("docs/lab/\(name).svg"), encoding: .utf8)
    // Other instruction sets round otherwise, which changes some of the numbers.
    if ShippedModelTests.roundsAsStated {
      #expect(text.contains("```text\n\(outcome.output)```\n"))
      #expect(picture == drawn)
    } else {
      let titles = lines.filter { $0.contains("  ") && $0.first?.isLetter == true }
      #expect(titles.first.map { said.contains($0) } == true)
    }
  }
}
