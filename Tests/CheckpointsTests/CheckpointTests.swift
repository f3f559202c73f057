import Checkpoints
import Files
import Foundation
import HDF5
import ImageData
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing
import Training

@Suite struct CheckpointTests {
  /// A run that has been stopped in its second epoch.
  private func stoppedTrainer(
    optimizer: String = "adam", momentum: Float? = nil
  ) throws -> (Trainer, ImageSet) {
    let digits = try DataFolder(Repository.path("Datasets/mnist")).load(.test)
    var options = try TrainingOptions([
      "optimizer": optimizer, "limit": "160", "batch_size": "16", "epochs": "3",
      "validation_fraction": "0.25", "warmup": "0.3", "schedule": "one_cycle:rise=0.4",
      "clip_norm": "1.5", "l2": "1e-4",
    ])
    if let momentum { try options.state("momentum", momentum.text) }
    let spec = ModelSpec("small", input: [28, 28, 1]) {
      Conv2D(filters: 4, kernel: 5, stride: 2)
      BatchNorm()
      ReLU()
      Residual {
        Conv2D(filters: 4, kernel: 3, padding: .same); Dropout(rate: 0.2)
      }
      MaxPool2D(window: 3, stride: 2)
      Flatten()
      Dense(units: 10)
    }
    let settings = try options.resolve(defaultSeed: .max - 5)
    let trainer = try Trainer(spec, settings: settings, data: digits, threads: 2)
    try trainer.run { _ in trainer.state.optimizer.step == 11 ? .stop : .proceed }
    return (trainer, digits)
  }

  @Test func metricsAndAValidationSetAreKept() throws {
    func numbers(_ count: Int, _ seed: UInt64) -> ArraySamples {
      var random = CounterRandom(seed: seed, .test)
      let values = (0..<count * 2).map { _ in random.uniform(-1, 1) }
      return ArraySamples(
        values, shape: [2], targets: (0..<count).map { values[2 * $0] + values[2 * $0 + 1] })
    }
    let options = try TrainingOptions([
      "loss": "huber:delta=0.5", "metrics": "mae", "monitor": "val_mse", "patience": "4",
      "batch_size": "8", "epochs": "4",
    ])
    let settings = try options.resolve(defaultSeed: 1, hasValidationSet: true)
    let data = numbers(40, 1), validation = numbers(10, 2)
    let spec = ModelSpec("sum", input: [2], layers: [Dense(units: 1)])
    let whole = try Trainer(
      spec, settings: settings, data: data, validation: validation, threads: 2)
    try whole.run()
    let trainer = try Trainer(
      spec, settings: settings, data: data, validation: validation, threads: 1)
    try trainer.run { _ in trainer.state.optimizer.step == 13 ? .stop : .proceed }
    let path = "\(try temporaryFolder())/numbers.weights.h5"
    try Checkpoint(trainer).save(to: path)
    let read = try Checkpoint(contentsOf: path)
    #expect(
      read.state.history.map(\.validationMetrics) == trainer.state.history.map(\.validationMetrics))
    #expect(read.state.history.count == 2 && read.state.history[0].validationMetrics?.count == 2)
    #expect(read.state.history.allSatisfy { $0.accuracy == nil && $0.validationAccuracy == nil })
    #expect(read.state.best == trainer.state.best)
    #expect(
      read.settings.loss.isEqual(to: Huber(delta: 0.5)) && read.settings.monitor.text == "val_mse")
    #expect(try read.stateSHA256() == Checkpoint(trainer).stateSHA256())
    let resumed = try Trainer(
      read.state, settings: read.settings, data: data, validation: validation, threads: 3)
    try resumed.run()
    #expect(try Checkpoint(resumed).stateSHA256() == Checkpoint(whole).stateSHA256())
    #expect(throws: SettingError.self) {
      try Trainer(read.state, settings: read.settings, data: data, threads: 1)
    }
  }

  @Test func anAverageBeginsAndEndsWithTheSettings() throws {
    let (trainer, digits) = try stoppedTrainer()
    var settings = trainer.settings
    settings.weightAverage = 0.9
    let averaging = try Trainer(trainer.state, settings: settings, data: digits, threads: 1)
    #expect(averaging.state.average == trainer.state.network.variables)
    try averaging.run { _ in averaging.state.optimizer.step == 15 ? .stop : .proceed }
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/average.weights.h5"
    try Checkpoint(averaging).save(to: path)
    let loaded = try Checkpoint(contentsOf: path)
    #expect(loaded.network.variables == averaging.state.average)
    #expect(loaded.state.network.variables == averaging.state.network.variables)
    #expect(loaded.network.variables != loaded.state.network.variables)
    // Who starts from a file starts from what evaluate measures.
    var fresh = try Network(loaded.model.spec, seed: 1)
    try fresh.loadWeights(from: path)
    #expect(fresh.variables == loaded.network.variables)

    settings.weightAverage = nil
    let plain = try Trainer(loaded.state, settings: settings, data: digits, threads: 1)
    #expect(plain.state.average == nil)
  }

  private func temporaryFolder() throws -> String {
    let path = NSTemporaryDirectory() + "minicnn-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  @Test(
    arguments: [
      ("sgd", nil), ("sgd", 0.9), ("rmsprop", nil), ("rmsprop", 0.5), ("adagrad", nil),
      ("adam", nil), ("adamw", nil),
    ] as [(String, Float?)])
  func aSavedRunGoesOnAsIfItHadNotStopped(optimizer: String, momentum: Float?) throws {
    let (trainer, digits) = try stoppedTrainer(optimizer: optimizer, momentum: momentum)
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/run.weights.h5"
    let data = DataReference(
      paths: ["Datasets/mnist"], sha256: digits.identity().hexadecimal)
    let names = (0..<10).map { "class \($0)" }
    try Checkpoint(trainer, data: data, classNames: names).save(to: path)

    let loaded = try Checkpoint(contentsOf: path)
    #expect(loaded.state.network.variables == trainer.state.network.variables)
    #expect(loaded.state.optimizer == trainer.state.optimizer)
    #expect(loaded.state.history == trainer.state.history)
    #expect(loaded.state.epoch == 1 && loaded.state.batch == 3)
    #expect(loaded.state.running == trainer.state.running)
    #expect(loaded.state.best == trainer.state.best)
    #expect(loaded.settings.seed == UInt64.max - 5)
    #expect(TrainingOptions(loaded.settings) == TrainingOptions(trainer.settings))
    #expect(loaded.model.spec == trainer.state.network.spec)
    #expect(loaded.data == data && loaded.classNames == names)

    let resumed = try Trainer(loaded.state, settings: loaded.settings, data: digits, threads: 1)
    try resumed.run()
    try trainer.run()
    #expect(resumed.state.network.weightsSHA256 == trainer.state.network.weightsSHA256)
    #expect(resumed.state.history.map(\.loss) == trainer.state.history.map(\.loss))
  }

  @Test func equalStatesAreEqualFiles() throws {
    let (trainer, _) = try stoppedTrainer()
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let checkpoint = try Checkpoint(trainer)
    try checkpoint.save(to: "\(folder)/a.weights.h5")
    try checkpoint.save(to: "\(folder)/b.weights.h5")
    try Checkpoint(contentsOf: "\(folder)/a.weights.h5").save(to: "\(folder)/c.weights.h5")
    let files = try ["a", "b", "c"].map { try WholeFile.read("\(folder)/\($0).weights.h5") }
    #expect(files[0] == files[1])
    #expect(files[0] == files[2])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        == ["a.weights.h5", "b.weights.h5", "c.weights.h5"])
  }

  @Test func aModelWithoutVariablesIsKeptToo() throws {
    let source = try ImageSet(
      pixels: [0, 9, 9, 0], labels: [1, 0], height: 1, width: 2, channels: 1, name: "two")
    let spec = ModelSpec("none", input: [1, 2, 1]) { Flatten() }
    let trainer = try Trainer(spec, settings: TrainingSettings(), data: source, threads: 1)
    try trainer.run()
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Checkpoint(trainer).save(to: "\(folder)/none.weights.h5")
    let loaded = try Checkpoint(contentsOf: "\(folder)/none.weights.h5")
    #expect(loaded.state.epoch == 5 && loaded.network.parameterCount == 0)
  }

  @Test func theDigestOfTheWeightsIsThatOfTheirBytes() throws {
    var network = try Network(
      ModelSpec("two", input: [1]) {
        Dense(units: 1); BatchNorm(center: false)
      }, seed: 1)
    for (entry, value) in zip(network.layout.entries, [1, 2, 3, 4, 5] as [Float]) {
      network.setValues([value], of: entry)
    }
    let bytes: [UInt8] = [1, 2, 3, 4, 5].flatMap { value in
      withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { Array($0) }
    }
    #expect(network.weightsSHA256 == SHA256.digest(bytes).hexadecimal)
  }

  @Test(arguments: ["two words", "a/b", ".hidden", "", "line\nbreak"])
  func whatCouldNotBeReadAgainIsNotSaved(name: String) throws {
    let data = try ImageSet(pixels: [1, 2, 3, 4], labels: [0, 1], height: 1, width: 2)
    let spec = ModelSpec(name, input: [1, 2, 1]) {
      Flatten(); Dense(units: 2)
    }
    let trainer = try Trainer(spec, settings: TrainingSettings(), data: data, threads: 1)
    let error = #expect(throws: ModelError.self) { try Checkpoint(trainer) }
    #expect(
      error?.description
        == "the model \(name.debugDescription) has a name or a setting that no model file can state"
    )
  }

  @Test func aSmallFileGetsNoMemoryForALargeModel() throws {
    let writer = try HDF5Writer(path: "a.h5")
    let model = "name: large\ninput: [4000, 1, 1]\nlayers: [flatten, dense: {units: 16000}]\n"
    try writer.write([1] as [Int64], shape: [], to: "/minicnn/format_version")
    try writer.write([model], to: "/minicnn/model")
    try writer.write(["seed: 1"], to: "/minicnn/training")
    try writer.write([1] as [UInt64], shape: [], to: "/minicnn/seed")
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.h5"
    let image = try writer.finish()
    try AtomicFile.write(image, to: path)
    let error = #expect(throws: FileError.self) { try Checkpoint(contentsOf: path) }
    #expect(
      error?.description
        == "\(path): the model has more than \(16_000 + image.count * 258) parameters up to layer dense"
    )
  }
}
