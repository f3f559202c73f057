import Foundation
import MiniCNN
import TestSupport
import Testing

/// The trained weights in `Models/` are what their card says.
@Suite struct ShippedModelTests {
  @Test(.timeLimit(.minutes(10))) func theCardTellsWhatIsMeasured() throws {
    let card = try String(contentsOfFile: Repository.path("Models/digits-best.md"), encoding: .utf8)
    let folder = try TemporaryFolder()
    try folder.link("Datasets")
    try folder.link("Models")
    let tool = Program("minicnn")
    let file = "Models/digits-best.weights.h5"

    let measured = try tool.run(["evaluate", file, "--data", "Datasets/mnist"], in: folder.path)
    #expect(measured.status == 0)
    // Other instruction sets add in another order, which may turn a digit or two over.
    if PeakRate.instructionSet == "x86-64-v4" {
      #expect(card.contains("```text\n\(measured.output)```\n"))
    }
    let json = try tool.run(
      ["evaluate", file, "--data", "Datasets/mnist", "--json"], in: folder.path)
    let correct = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])["correct"]
    let stated = try #require(card.firstMatch(of: /\(([0-9],[0-9]{3}) of 10,000;/)).1
    let count = try #require(Int(stated.filter { $0 != "," }))
    #expect(abs(try #require(correct as? Int) - count) <= 3)

    let inspected = try tool.run(["inspect", file], in: folder.path)
    #expect(inspected.status == 0)
    let facts = Dictionary(
      inspected.output.split(separator: "\n").map { line in
        (String(line.prefix(16)).trimmingCharacters(in: .whitespaces), String(line.dropFirst(17)))
      }, uniquingKeysWith: { first, _ in first })
    for fact in ["seed", "settings", "data SHA-256", "weights SHA-256", "average SHA-256"] {
      let value = try #require(facts[fact])
      #expect(!value.isEmpty && card.contains(value), "\(fact): \(value)")
    }
  }
}
