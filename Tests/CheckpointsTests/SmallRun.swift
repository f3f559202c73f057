import Checkpoints
import Files
import ImageData
import NeuralNetwork
import TestSupport
import Testing
import Training

/// A run whose numbers all are sums of a few powers of two, so that every processor, whatever it
/// fuses and in whatever order it adds, gives the same bits for some steps.
enum SmallRun {
  static let model = ModelSpec("exact", input: [2, 2, 1]) {
    Flatten()
    Dense(units: 2)
  }

  static var settings: TrainingSettings {
    var settings = TrainingSettings()
    settings.update = UpdateRule(SGD(momentum: 0.5))
    settings.learningRate = 0.5
    settings.loss = MeanSquaredError()
    settings.batchSize = 4
    settings.epochs = 3
    settings.seed = 5
    settings.validationFraction = 0.2
    settings.weightAverage = 0.0625
    return settings
  }

  /// Ten images of black and white pixels.
  static func data() throws -> ImageSet {
    let numbers = [1, 2, 3, 4, 5, 6, 8, 9, 10, 12]
    return try ImageSet(
      pixels: numbers.flatMap { number in (0..<4).map { number >> $0 & 1 == 1 ? 255 : 0 } },
      labels: numbers.map { UInt8($0 & 1) }, height: 2, width: 2, name: "ten")
  }

  /// Two more, which validate where a run has samples for that alone.
  static func validation() throws -> ImageSet {
    try ImageSet(pixels: [0, 0, 255, 0, 255, 255, 0, 0], labels: [1, 0], height: 2, width: 2)
  }

  /// The run after the first step of its second epoch.
  static func trainer(
    _ settings: TrainingSettings = settings, validation: ImageSet? = nil
  ) throws -> Trainer {
    var network = try Network(model, seed: settings.seed)
    for entry in network.layout.entries {
      network.setValues(
        entry.range.indices.map { Float(($0 * 3 + entry.index) % 5) / 4 - 0.5 }, of: entry)
    }
    let trainer = try Trainer(
      TrainingState(network: network, settings: settings), settings: settings, data: try data(),
      validation: validation, threads: 1)
    try trainer.run { _ in trainer.state.optimizer.step == 3 ? .stop : .proceed }
    return trainer
  }

  /// The same with all that a run can have besides: metrics, and samples for validation alone.
  static func fullCheckpoint() throws -> Checkpoint {
    var settings = settings
    // As many train as where a fifth validates.
    (settings.validationFraction, settings.limit) = (0, 8)
    settings.metrics = MetricList([F1(), MeanAbsoluteError()])
    settings.monitor = .metric(TopKAccuracy(k: 1))
    let validation = try validation()
    func reference(_ set: ImageSet, _ name: String) -> DataReference {
      DataReference(paths: [name], sha256: set.identity().hexadecimal)
    }
    return try Checkpoint(
      try trainer(settings, validation: validation), data: reference(try data(), "ten"),
      validation: reference(validation, "two"), classNames: ["even", "odd"])
  }

  static func checkpoint() throws -> Checkpoint {
    try Checkpoint(
      try trainer(),
      data: DataReference(paths: ["ten"], sha256: try data().identity().hexadecimal),
      classNames: ["even", "odd"])
  }
}
