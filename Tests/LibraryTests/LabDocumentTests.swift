import Foundation
import MiniCNN
import TestSupport
import Testing

/// docs/lab.md says what the experiments print. All four take some minutes: `make test-lab` runs those.
@Suite(.serialized) struct LabDocumentTests {
  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["MINICNN_LAB"] != nil),
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

  /// From the folder of the package, where tests run.
  @Test(.timeLimit(.minutes(5))) func theProgramOfTheDocumentRuns() throws {
    var experiment = PoolingExperiment(seed: 7)
    (experiment.trainingImages, experiment.testImages) = (1000, 200)
    experiment.windows = [2, 4]
    let digits = try LabData(DataFolder("Datasets/mnist"))
    let outcome = try experiment.run(on: digits, threads: nil) { print($0) }
    for net in outcome.nets { print(net.kind, net.window, net.stride, net.accuracy) }
    #expect(outcome.nets.count == 18)

    let text = try String(contentsOfFile: Repository.path("docs/lab.md"), encoding: .utf8)
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let block = try #require(text.components(separatedBy: "```swift\n").dropFirst().first)
    for line in block.components(separatedBy: "```")[0].split(separator: "\n") {
      #expect(source.contains("\n    \(line)\n"), "\(line)")
    }
  }
}
