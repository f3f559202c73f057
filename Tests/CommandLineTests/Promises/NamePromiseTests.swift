import Files
import Foundation
import ModelFiles
import NeuralNetwork
import Runs
import TestSupport
import Testing
import Training

@testable import CommandLineTool

/// What scripts and files name: commands, options, keys of model files, and the defaults of these.
@Suite struct NamePromiseTests {
  private static func promises(_ name: String, of what: String) -> RecordedPromises {
    RecordedPromises("Tests/CommandLineTests/Promises/Fixtures/\(name).txt", of: what)
  }

  @Test func noOptionGoes() throws {
    let lines = try CommandLineOptions.lines()
    #expect(lines.contains("train --model <value>") && lines.contains("data check"))
    let complaints = try Self.promises("options", of: "a command or an option")
      .complaints(about: lines)
    #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
  }

  /// What the tool completes an option of `train` with.
  private static func words(after option: String) throws -> [Substring] {
    try Program("minicnn").run([CompletionScript.request, "train", option, ""], in: "/")
      .output.split(separator: "\n").dropFirst().map { $0.prefix { $0 != "\t" } }
  }

  /// A default that changes, changes what a model file stands for that leaves it out.
  @Test func noKeyOfAModelFileGoesAndNoDefaultChanges() throws {
    func lines(_ owner: String, _ settings: [SettingDescription]) -> [String] {
      ["\(owner)"]
        + settings.map { "\(owner)\t\($0.key)\t\($0.isRequired ? "required" : $0.shortStandard)" }
    }
    var found = LayerRegistry.builtIn.flatMap { lines("layer \($0.kind)", $0.descriptions) }
    found += lines("every layer", LayerCommon.descriptions)
    found += OptimizerRegistry.all.flatMap { lines("optimizer \($0.kind)", $0.descriptions) }
    found += Schedule.courses.flatMap { lines("schedule \($0.kind)", $0.descriptions) }
    found += lines("training", TrainingOptions.descriptions)
    found += lines("augmentation", Augmentation.descriptions)
    // Those of the tool, which registers none of its own; other tests here do.
    for (name, option) in [("loss", "--loss"), ("metric", "--metrics")] {
      found += try Self.words(after: option).map { "\(name) \($0)" }
    }
    let complaints = try Self.promises("model-keys", of: "a key of a model file or its default")
      .complaints(about: found)
    #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
  }

  /// What each model file of the repository states, written down in full, and how many parameters that has.
  @Test func modelFilesStateTheSame() throws {
    var found: [String] = []
    for folder in ["Models", "Benchmarks/family", "Tests/Golden"] {
      for name in try Self.yaml(in: folder) {
        let file = try ModelFile(contentsOf: Repository.path("\(folder)/\(name)"))
        let canonical = try #require(ModelFile(file.spec, training: file.training))
        let network = try Network(file.spec, seed: 1)
        let digest = SHA256.digest(Array(canonical.text.utf8)).hexadecimal
        found.append("\(folder)/\(name)\t\(network.parameterCount)\t\(digest)")
      }
    }
    let complaints = try Self.promises("model-files", of: "a model file's meaning")
      .complaints(about: found)
    #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
  }

  /// Every sweep's file, as the runs it stands for.
  @Test func sweepFilesStandForTheSameRuns() throws {
    var found: [String] = []
    for folder in ["Benchmarks/sweeps", "docs/sweeps"] {
      for name in try Self.yaml(in: folder) {
        let spec = try SweepSpec(contentsOf: Repository.path("\(folder)/\(name)"))
        found.append(
          "\(folder)/\(name)\t\(spec.models.count) models, \(spec.seeds.count) seeds, by \(spec.score.rawValue),"
            + " \(spec.folds ?? 0) folds, \(spec.samples ?? 0) samples")
      }
    }
    let complaints = try Self.promises("sweep-files", of: "a sweep file's meaning")
      .complaints(about: found)
    #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
  }

  private static func yaml(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: Repository.path(folder))
      .filter { $0.hasSuffix(".yaml") }.sorted()
  }
}
