import Checkpoints
import Files
import ImageData
import ModelFiles
import NeuralNetwork
import Runs
import TestSupport
import Testing
import Training

/// Runs on samples that are no images, and on such as validate alone.
@Suite struct TargetRunTests {
  private static func samples(_ count: Int, changes: [Int: Float] = [:]) -> ArraySamples {
    ArraySamples(
      (0..<2 * count).map { changes[$0] ?? Float($0 % 5) / 4 }, shape: [2],
      targets: (0..<count).map { Float($0 % 3) })
  }

  private static let file = """
    name: line
    input: [2]
    layers: [normalization, dense: {units: 1}]
    training: {loss: mse, epochs: 2, batch_size: 8, validation_fraction: 0.25, patience: 5}

    """

  /// With no settings of a program's own, as with a flag of the tool.
  @Test func aValidationSetTakesThePlaceOfTheFilesShare() throws {
    let folder = try TemporaryFolder()
    let model = try ModelFile(text: Self.file, file: "line.yaml")
    let run = try Run(
      model: model, data: Self.samples(40), validation: Self.samples(12),
      saving: "\(folder.path)/line.weights.h5")
    #expect(run.settings.validationFraction == 0 && run.settings.patience == 5)
    #expect(run.validationCount == 12 && run.split?.training.count == 40)
    #expect(run.classNames == [])
    try run.train()
    #expect(run.state.optimizer.step == 10)
    let alone = try Run(
      model: model, data: Self.samples(40), saving: "\(folder.path)/alone.weights.h5")
    #expect(alone.validationCount == 10)
    // Settings of a program's own are taken as they are.
    #expect(
      complaint {
        _ = try Run(
          model: model, data: Self.samples(40), validation: Self.samples(12),
          settings: try model.training.resolve(defaultSeed: 1),
          saving: "\(folder.path)/b.weights.h5")
      } == "validation_fraction: expected 0 beside samples for validation alone, found 0.25")
  }

  @Test func aSampleThatIsNotFiniteIsNamedBeforeTheFirstStep() throws {
    let folder = try TemporaryFolder()
    let model = try ModelFile(text: Self.file, file: "line.yaml")
    #expect(
      complaint {
        _ = try Run(
          model: model, data: Self.samples(40, changes: [61: .nan]), validation: Self.samples(12),
          saving: "\(folder.path)/line.weights.h5")
      } == "samples in memory: sample 30: expected finite numbers, found one that is not")
  }

  @Test func whatIsWrongWithSamplesDoesNotSpeakOfImages() throws {
    let folder = try TemporaryFolder()
    let model = try ModelFile(text: Self.file, file: "line.yaml")
    let path = "\(folder.path)/line.weights.h5"
    #expect(
      complaint { _ = try LabelledData(samples: ArraySamples([1, 2], shape: [2])) }
        == "samples in memory: expected samples with classes or targets, found samples alone")
    #expect(
      complaint {
        _ = try Run(
          model: model, data: ArraySamples([1, 2, 3], shape: [3], targets: [1]),
          validation: Self.samples(2), saving: path)
      } == "samples in memory: samples: expected 2, as line takes them, found 3")
    let options = RunOptions(maxSteps: 1)
    try Run(model: model, data: Self.samples(40), saving: path, options: options).train()
    #expect(
      complaint { _ = try Run(resuming: path, data: Self.samples(40, changes: [0: 7])) }
        .hasPrefix("samples in memory: SHA-256 of samples and targets: expected "))
  }
}
