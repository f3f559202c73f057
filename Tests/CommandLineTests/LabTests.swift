import Foundation
import ImageData
import TestSupport
import Testing

/// `minicnn lab`, on a few digits.
@Suite struct LabCommandTests {
  /// A folder with the first of MNIST's digits.
  private func place() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let digits = DataFolder(Repository.path("Datasets/mnist"))
    for (split, name, count) in [(DataSplit.train, "train", 300), (.test, "t10k", 100)] {
      let set = try digits.load(split).prefix(count)
      let pixels = set.withPixels { Array($0) }
      try IDXWriter.writeImages(
        pixels, height: 28, width: 28, to: "\(folder.path)/\(name)-images-idx3-ubyte")
      try IDXWriter.writeLabels(
        set.labels ?? [], to: "\(folder.path)/\(name)-labels-idx1-ubyte")
    }
    return folder
  }

  private func run(_ command: String, in folder: TemporaryFolder) throws -> Program.Outcome {
    try Program("minicnn").run(
      command.split(separator: " ").map(String.init), in: folder.path)
  }

  @Test func aTableThreeSentencesAndAPicture() throws {
    let folder = try place()
    let outcome = try run("lab flatten --data . -o flat.svg --seed 3", in: folder)
    #expect(outcome.status == 0)
    #expect(outcome.errors.split(separator: "\n").count == 4)
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0].hasPrefix("after the convolutions "))
    #expect(lines[1].hasPrefix("flatten and a dense layer of 64  "))
    #expect(lines[5] == "" && lines[6].hasPrefix("The parameters of the whole network are "))
    #expect(lines.suffix(2) == ["saved flat.svg", ""] && lines.count == 11)
    let svg = try String(contentsOfFile: "\(folder.path)/flat.svg", encoding: .utf8)
    #expect(svg.hasPrefix("<svg ") && svg.contains(">global max pooling</text>"))
    let again = try run("lab flatten --data . -o flat.svg", in: folder)
    #expect(again.status == 64)
    #expect(
      again.errors
        == "error: flat.svg: already exists; --overwrite replaces it, --output names another\n")
  }

  @Test func jsonHasTheNumbersAndTheSentences() throws {
    let folder = try place()
    let json = try run("lab activation --data . --json --threads 1", in: folder).json()
    #expect(Set(json.keys) == ["experiment", "conclusions", "outcome"])
    #expect(json["experiment"] as? String == "activation")
    #expect((json["conclusions"] as? [String])?.count == 3)
    let outcome = try #require(json["outcome"] as? [String: Any])
    #expect(
      Set(outcome.keys) == ["seed", "trainingImages", "testImages", "surveyedImages", "nets"])
    #expect(outcome["seed"] as? Int == 1 && outcome["trainingImages"] as? Int == 300)
    let nets = try #require(outcome["nets"] as? [[String: Any]])
    #expect(
      Set(nets[0].keys) == ["activation", "trainingAccuracy", "testAccuracy", "layers"])
    let layers = try #require(nets[0]["layers"] as? [[String: Any]])
    #expect(
      Set(layers[0].keys) == [
        "gradientAtStart", "gradient", "units", "stuckUnitsAtStart", "stuckUnits",
        "flatShareAtStart", "flatShare",
      ])
  }

  @Test func imagesThatAreTooSmallAreNamed() throws {
    let outcome = try Workplace().run("lab pooling --data data")
    #expect(outcome.status == 65)
    #expect(
      outcome.errors
        == ("error: layer 6 (max_pool2d): window 3×3 does not fit its input 2×2×16; a smaller window, padding: same, or fewer pooling layers before it\n")
    )
  }

  @Test(arguments: ["pooling", "activation", "flatten", "regularization"])
  func everyExperimentHasHelp(name: String) throws {
    let outcome = try Program("minicnn").run(["help", "lab", name], in: "/")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("EXAMPLES\n  minicnn lab \(name) --data mnist\n"))
    #expect(outcome.output.contains("JSON: experiment, picture, conclusions, outcome ("))
    let missing = try Program("minicnn").run(["lab", name], in: "/")
    #expect(missing.status == 64)
    #expect(
      missing.errors == "error: missing --data <folder>\nsee: minicnn help lab \(name)\n")
  }
}
