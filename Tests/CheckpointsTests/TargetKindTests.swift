import Checkpoints
import Files
import ImageData
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing
import Training

/// What a file says of data: what its targets are, and which it is.
@Suite struct TargetKindTests {
  private static let spec = ModelSpec("line", input: [2], layers: [Dense(units: 3)])

  private static func samples(_ last: Float = 1) -> ArraySamples {
    ArraySamples(
      (0..<16).map { Float($0 % 5) / 4 }, shape: [2],
      targets: (0..<23).map { Float($0 % 7) / 8 } + [last], targetShape: [3])
  }

  /// A run that learns numbers, after its first step.
  private static func checkpoint() throws -> Checkpoint {
    var settings = TrainingSettings()
    settings.loss = MeanSquaredError()
    settings.batchSize = 2
    let trainer = try Trainer(spec, settings: settings, data: samples(), threads: 1)
    try trainer.run { _ in .stop }
    return try Checkpoint(trainer)
  }

  @Test func aRunThatLearnsNumbersHasNoClassesFromItsFirstStepOn() throws {
    let checkpoint = try Self.checkpoint()
    #expect(checkpoint.state.history.isEmpty)
    #expect(!checkpoint.hasClasses && checkpoint.classNames == [])
    let image = try checkpoint.image("a")
    let read = try Checkpoint(image: image, path: "a")
    #expect(!read.hasClasses && read.classNames == [])
    #expect(try read.image("a") == image)
    #expect(try read.stateSHA256() == checkpoint.stateSHA256())
    // Older readers want a name for each output.
    let arrays = try HDF5Arrays(image: image)
    let classes = try #require(arrays.entries.first { $0.path == "/minicnn/classes" })
    guard case .texts(let names) = classes.values else {
      Issue.record("names that are no texts")
      return
    }
    #expect(names == ["0", "1", "2"])
    // With classes the file is as it was.
    let ofClasses = try HDF5Arrays(image: try SmallRun.checkpoint().image("b"))
    #expect(!ofClasses.entries.contains { $0.path == "/minicnn/targets" })
    #expect(try SmallRun.checkpoint().hasClasses)
  }

  @Test func itIsResumedWithNumbersAlone() throws {
    let read = try Checkpoint(image: try Self.checkpoint().image("a"), path: "a")
    let classes = ArraySamples(
      (0..<16).map { Float($0 % 5) / 4 }, shape: [2], labels: (0..<8).map { $0 % 3 })
    var state = read.state
    state.basis.dataSHA256 = nil
    #expect(
      throws: SettingError(
        "data", expected: "numbers for targets, as the run began with", found: "classes")
    ) { try Trainer(state, settings: read.settings, data: classes, threads: 1) }
    try Trainer(read.state, settings: read.settings, data: Self.samples(), threads: 1).run()
  }

  @Test func dataInMemoryIsRecognizedByItsDigest() throws {
    let read = try Checkpoint(image: try Self.checkpoint().image("a"), path: "a")
    let known = try #require(Self.samples().sha256)
    #expect(read.data == DataReference(paths: [], sha256: known))
    let other = Self.samples(0.5)
    #expect(
      throws: SettingError(
        "data", expected: "the SHA-256 \(known), as the run began with",
        found: "the SHA-256 \(other.sha256 ?? "")")
    ) { try Trainer(read.state, settings: read.settings, data: other, threads: 1) }
  }

  @Test func anotherKindIsRefused() throws {
    var arrays = try HDF5Arrays(image: try Self.checkpoint().image("a"))
    let number = try #require(arrays.entries.firstIndex { $0.path == "/minicnn/targets" })
    arrays.entries[number].values = .texts(["classes"])
    let error = #expect(throws: FileError.self) {
      try Checkpoint(image: try arrays.image(), path: "a.weights.h5")
    }
    #expect(
      error?.description
        == "a.weights.h5: /minicnn/targets: expected values, found \"classes\"")
  }
}
