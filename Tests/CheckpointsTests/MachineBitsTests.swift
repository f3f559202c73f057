import Checkpoints
import Foundation
import ImageData
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing
import Training

/// Every processor with fused multiply-add gives the same bits. A test on one machine cannot compare it
/// with another, so what comes out is held to digests that are in the repository;
/// `make record-digests` makes them again after a change that is meant to alter bits.
@Suite(.enabled(if: RecordedDigests.apply, "baseline and plain loops round each product"))
struct MachineBitsTests {
  static let recorded = RecordedDigests("Tests/CheckpointsTests/Fixtures/digests.txt")

  /// The weights after training, and the loss they have.
  private func digest(_ trainer: Trainer, on data: any SampleSource) throws -> String {
    try trainer.run()
    let loss = Evaluation(trainer.state.network, on: data, threads: 2).loss
    return "\(trainer.state.network.weightsSHA256) \(loss)"
  }

  /// The cases of the same bits on any number of threads, numbered where several have one name.
  static let cases: [(name: String, test: SameBitsTests.Case)] = {
    var counts: [String: Int] = [:]
    return SameBitsTests.cases.map { test in
      counts[test.name, default: 0] += 1
      let count = counts[test.name] ?? 1
      return ("case \(test.name)" + (count > 1 ? " (\(count))" : ""), test)
    }
  }()

  @Test(arguments: cases) func kindsAndSettings(name: String, test: SameBitsTests.Case) throws {
    let trainer = try Trainer(test.spec, settings: test.settings, data: test.data, threads: 2)
    let found = try digest(trainer, on: test.data)
    #expect(found == Self.recorded.digest(of: name, found: found))
  }

  static let models = [
    "lenet5", "digits-fast", "digits-tiny", "digits-best", "fashion", "mlp", "mnist-cnn",
    "resnet-mini",
  ]

  /// With their recipes, augmentation and mixup included.
  @Test(arguments: models) func recipes(name: String) throws {
    let file = try ModelFile(contentsOf: Repository.path("Models/\(name).yaml"))
    let digits = try DataFolder(Repository.path("Datasets/mnist")).load(.train).prefix(300)
    var settings = try file.training.resolve(defaultSeed: 7)
    settings.seed = 7
    settings.epochs = 1
    let trainer = try Trainer(file.spec, settings: settings, data: digits, threads: 2)
    let found = try digest(trainer, on: digits)
    #expect(found == Self.recorded.digest(of: "model \(name)", found: found))
  }

  static let family = names(in: "Benchmarks/family")

  private static func names(in folder: String) -> [String] {
    let files = try? FileManager.default.contentsOfDirectory(atPath: Repository.path(folder))
    return (files ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
  }

  /// Networks of all shapes, which take all paths of the loops: 150 samples, of which the last are fewer
  /// than a batch.
  @Test(arguments: family) func shapes(file name: String) throws {
    let file = try ModelFile(contentsOf: Repository.path("Benchmarks/family/\(name)"))
    let samples = ListedSamples.random(file.spec.input, count: 150)
    var settings = try file.training.resolve(defaultSeed: 7)
    settings.epochs = 1
    let trainer = try Trainer(file.spec, settings: settings, data: samples, threads: 2)
    let found = try digest(trainer, on: samples)
    #expect(found == Self.recorded.digest(of: "network \(name)", found: found))
  }

  @Test func thereAreNetworks() { #expect(Self.family.count >= 13) }
}
