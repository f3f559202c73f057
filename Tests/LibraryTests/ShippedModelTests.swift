import Foundation
import MiniCNN
import TestSupport
import Testing

/// The trained weights in `Models/` are what their cards say.
@Suite struct ShippedModelTests {
  static let names = ["digits-best", "digits-fast", "lenet5"]

  /// Loops that round otherwise may turn a digit or two over.
  static let roundsAsStated = RecordedDigests.apply

  @Test(.timeLimit(.minutes(10)), arguments: names)
  func theCardTellsWhatIsMeasured(name: String) throws {
    let card = try String(contentsOfFile: Repository.path("Models/\(name).md"), encoding: .utf8)
    let folder = try TemporaryFolder()
    try folder.link("Datasets")
    try folder.link("Models")
    let tool = Program("minicnn")
    let file = "Models/\(name).weights.h5"

    let measured = try tool.run(["evaluate", file, "--data", "Datasets/mnist"], in: folder.path)
    #expect(measured.status == 0)
    if Self.roundsAsStated {
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
        (String(line.prefix(16)).trimmingCharacters(in: .whitespaces), String(line.dropFirst(16)))
      }, uniquingKeysWith: { first, _ in first })
    let seed = try #require(facts["seed"]).trimmingCharacters(in: .whitespaces)
    #expect(card.contains("Seed: \(seed)"))
    for fact in ["settings", "data SHA-256", "weights SHA-256"] {
      let value = try #require(facts[fact]).trimmingCharacters(in: .whitespaces)
      #expect(!value.isEmpty && card.contains(value), "\(fact): \(value)")
    }
    // Nothing of the machine that trained it.
    let checkpoint = try Checkpoint(contentsOf: Repository.path(file))
    #expect(checkpoint.data?.paths == [] && checkpoint.validation == nil)
  }
}
