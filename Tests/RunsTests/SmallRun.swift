import ImageData
import NeuralNetwork
import Runs
import TestSupport
import Training

/// A folder for the files of small runs on images in memory; six steps make an epoch.
struct SmallRun {
  let folder = try? TemporaryFolder()
  let data: ImageSet
  var settings = TrainingSettings()

  init(images: Int = 96, seed: UInt64 = 1) throws {
    data = try Self.images(images, seed: seed)
    settings.epochs = 2
    settings.batchSize = 16
    settings.learningRate = 0.01
    settings.seed = 3
  }

  static let model = ModelSpec("small", input: [8, 8, 1]) {
    Conv2D(filters: 4, kernel: 3)
    ReLU()
    MaxPool2D(window: 2, stride: 2)
    Dropout(rate: 0.1)
    Flatten()
    Dense(units: 4)
  }

  /// The path of a file in the folder.
  func callAsFunction(_ name: String) -> String { "\(folder?.path ?? "")/\(name)" }

  /// As many threads as its batches have shards, on every machine.
  static let options = RunOptions(threads: 2)

  /// A new run.
  func begin(
    _ name: String = "small.weights.h5", options: RunOptions = options
  ) throws -> Run {
    try Run(
      model: Self.model, data: data, settings: settings, saving: self(name), options: options)
  }

  /// A resumed run.
  func resume(
    _ name: String = "small.weights.h5", epochs: Int? = nil, saving other: String? = nil,
    options: RunOptions = options
  ) throws -> Run {
    try Run(
      resuming: self(name), data: data, epochs: epochs, saving: other.map { self($0) },
      options: options)
  }

  /// Images of 8×8 pixels whose class, one of four, is told by the quarter that is bright.
  static func images(_ count: Int, seed: UInt64) throws -> ImageSet {
    var random = CounterRandom(seed: seed, .test)
    let labels = (0..<count).map { _ in UInt8(random.below(4)) }
    let pixels = labels.flatMap { label in
      (0..<64).map { place in
        let quarter = place / 32 * 2 + place % 8 / 4
        return UInt8(random.below(120) + (quarter == Int(label) ? 130 : 0))
      }
    }
    return try ImageSet(pixels: pixels, labels: labels, height: 8, width: 8, name: "squares")
  }
}
