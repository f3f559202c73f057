import Checkpoints
import Files
import ImageData
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing
import Training

/// Whatever a load refuses is refused before training, by name, and never written.
@Suite struct SaveableTests {
  private struct OwnOptimizer: Optimizer {
    static let kind = "mine"
    static let prototype = OwnOptimizer()
    static let defaultLearningRate: Float = 0.1
    var slots: [String] { [] }
    func update(_ stretch: UpdateSegment) {}
  }

  private struct BorrowedName: Optimizer {
    static let kind = "sgd"
    static let prototype = BorrowedName()
    static let defaultLearningRate: Float = 0.1
    var slots: [String] { [] }
    func update(_ stretch: UpdateSegment) {}
  }

  /// A checkpoint with one thing changed, of a run that has not begun.
  private static func checkpoint(
    _ model: ModelSpec = SmallRun.model, settings: (inout TrainingSettings) -> Void = { _ in },
    state change: (inout TrainingState) -> Void = { _ in }, classNames: [String] = ["a", "b"],
    data: DataReference? = nil
  ) throws -> Checkpoint {
    var own = SmallRun.settings
    settings(&own)
    var state = TrainingState(network: try Network(model, seed: 1), settings: own)
    if own.weightAverage != nil { state.average = state.network.variables }
    change(&state)
    return Checkpoint(
      model: try #require(ModelFile(SmallRun.model.name == model.name ? model : SmallRun.model)),
      settings: own, state: state, data: data, classNames: classNames)
  }

  private static func message(_ checkpoint: Checkpoint) throws -> String {
    let error = #expect(throws: (any Error).self) { try checkpoint.verifySaveable() }
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.weights.h5"
    let saving = #expect(throws: FileError.self) { try checkpoint.save(to: path) }
    let message = error.map { "\($0)" } ?? ""
    #expect(saving?.description == "\(path): \(message)")
    #expect(!WholeFile.exists(path))
    return message
  }

  @Test func aSoundOneIsSaved() throws {
    let checkpoint = try Self.checkpoint()
    try checkpoint.verifySaveable()
    let read = try Checkpoint(image: try checkpoint.image("a"), path: "a")
    #expect(try read.stateSHA256() == checkpoint.stateSHA256())
  }

  @Test func aClassifierWhoseOutputIsNoVector() throws {
    let image = ModelSpec("exact", input: [2, 2, 1]) { Conv2D(filters: 2, kernel: 1) }
    #expect(
      try Self.message(Self.checkpoint(image, settings: { $0.loss = CrossEntropy() }))
        == "the output of the last layer is 2×2×2, a classifier's is a vector; end with flatten or global_avg_pool2d and dense"
    )
  }

  @Test func anOptimizerOfYours() throws {
    #expect(
      try Self.message(Self.checkpoint(settings: { $0.update = UpdateRule(OwnOptimizer()) }))
        == "optimizer: expected one of sgd, rmsprop, adagrad, adam, adamw, found mine")
    #expect(
      try Self.message(Self.checkpoint(settings: { $0.update = UpdateRule(BorrowedName()) }))
        == "optimizer: expected the sgd that a file can state, found BorrowedName()")
    // Where the trainer has it, gathering the checkpoint before the first step tells.
    var settings = SmallRun.settings
    settings.update = UpdateRule(OwnOptimizer())
    let trainer = try Trainer(
      SmallRun.model, settings: settings, data: try SmallRun.data(), threads: 1)
    #expect(throws: SettingError.self) { try Checkpoint(trainer) }
  }

  @Test func numbersThatNoFileMayState() throws {
    #expect(
      try Self.message(Self.checkpoint(settings: { $0.update = UpdateRule(SGD(momentum: 2)) }))
        == "momentum: expected 0 to below 1, found 2.0")
    #expect(
      try Self.message(Self.checkpoint(settings: { $0.epochs = 0 }))
        == "epochs: expected 1 to 1000000, found 0")
  }

  @Test func classNames() throws {
    #expect(
      try Self.message(Self.checkpoint(classNames: []))
        == "classes: expected 2 names, one for each output, found 0")
    #expect(
      try Self.message(Self.checkpoint(classNames: ["a", "b\0"]))
        == "classes: expected text without the character U+0000, found one with it")
    #expect(
      try Self.message(
        Self.checkpoint(classNames: ["a", String(repeating: "b", count: 1 << 21) + "b"]))
        == "classes: expected at most 4194304 bytes, every text as long as the longest, found 4194306"
    )
  }

  @Test func aModelFileOfAnotherModel() throws {
    let other = ModelSpec("other", input: [2, 2, 1]) {
      Flatten()
      Dense(units: 2)
    }
    #expect(
      try Self.message(Self.checkpoint(other))
        == "the network of \"other\" is not the one that the model file of \"exact\" states")
  }

  @Test func aStateOfOtherSettings() throws {
    var checkpoint = try Self.checkpoint()
    checkpoint.settings.seed = 6
    #expect(
      try Self.message(checkpoint) == "seed: expected 5, as the run began with, found 6")
    checkpoint = try Self.checkpoint()
    checkpoint.settings.update = UpdateRule(Adam())
    #expect(
      try Self.message(checkpoint)
        == "optimizer: expected sgd with momentum, whose memory the state holds, found adam with momentum and velocity"
    )
    #expect(
      try Self.message(Self.checkpoint(state: { $0.average = nil }))
        == "weight_average: expected none, as the state has, found 0.0625")
    #expect(
      try Self.message(
        Self.checkpoint(
          settings: { $0.weightAverage = nil }, state: { $0.average = $0.network.variables }))
        == "weight_average: expected one, as the state has, found none")
    #expect(
      try Self.message(Self.checkpoint(state: { $0.running.sum = .nan }))
        == "the state: /minicnn/progress/running_loss: expected a finite number, found nan")
    #expect(
      try Self.message(Self.checkpoint(state: { $0.optimizer.step = (1 << 53) + 1 }))
        == "the state: /optimizer/vars/0: expected 0 to 9007199254740992, found 9007199254740993")
  }

  @Test func aDigestThatNoFileCanHold() throws {
    #expect(
      try Self.message(Self.checkpoint(state: { $0.basis.dataSHA256 = "a\0b" }))
        == "data: expected text without the character U+0000, found one with it")
  }

  @Test func dataOfAnotherDigest() throws {
    let trainer = try SmallRun.trainer()
    let known = try SmallRun.data().identity().hexadecimal
    let error = #expect(throws: SettingError.self) {
      try Checkpoint(trainer, data: DataReference(paths: ["ten"], sha256: "00ff"))
    }
    #expect(
      error?.description
        == "data: expected the SHA-256 \(known), as the run began with, found the SHA-256 00ff")
    // What the file says of its data holds for a run that resumes from it.
    let checkpoint = try SmallRun.checkpoint()
    let read = try Checkpoint(image: try checkpoint.image("a"), path: "a")
    let other = try ImageSet(
      pixels: [UInt8](repeating: 0, count: 40), labels: [UInt8](repeating: 0, count: 10),
      height: 2, width: 2)
    #expect(
      throws: SettingError(
        "data", expected: "the SHA-256 \(known), as the run began with",
        found: "the SHA-256 \(other.identity().hexadecimal)")
    ) { try Trainer(read.state, settings: read.settings, data: other, threads: 1) }
  }
}
