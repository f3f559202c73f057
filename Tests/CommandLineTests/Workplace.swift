import Foundation
import ImageData
import NeuralNetwork
import TestSupport

/// A folder with a small data set and a small model, where the tool is run.
struct Workplace {
  let folder: TemporaryFolder

  /// - Parameters:
  ///   - images: training images of 8×8 pixels in four classes; the test set has a quarter.
  ///   - model: the text of `small.yaml`.
  init(images: Int = 96, model: String = Self.model) throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: self("data"), withIntermediateDirectories: true)
    try Self.writeSet(images, seed: 1, to: self("data/train"))
    try Self.writeSet(images / 4, seed: 2, to: self("data/t10k"))
    try write(model, to: "small.yaml")
  }

  static let model = """
    name: small
    input: [8, 8, 1]
    layers:
      - conv2d: {filters: 4, kernel: 3}
      - relu
      - max_pool2d: {window: 2}
      - dropout: {rate: 0.1}
      - flatten
      - dense: {units: 4}
    training: {optimizer: sgd, learning_rate: 0.1, momentum: 0.9, batch_size: 16, epochs: 2, seed: 3}

    """

  /// A model and settings that draw on all a run remembers: dropout, running statistics, a schedule
  /// with a warm-up, validation, patience.
  static let everything = """
    name: small
    input: [8, 8, 1]
    layers:
      - conv2d: {filters: 4, kernel: 3}
      - batch_norm
      - relu
      - residual:
          layers:
            - conv2d: {filters: 4, kernel: 3, padding: same}
            - batch_norm
      - max_pool2d: {window: 2}
      - flatten
      - dropout: {rate: 0.3}
      - dense: {units: 8}
      - tanh
      - dense: {units: 4}
    training:
      {optimizer: adamw, learning_rate: 0.01, batch_size: 16, epochs: 6, seed: 3, l2: 0.001,
       clip_norm: 1, label_smoothing: 0.1, schedule: "cosine:final=0.1", warmup: 0.5,
       validation_fraction: 0.2, patience: 3}

    """

  /// The path of a file in the folder.
  func callAsFunction(_ name: String) -> String { "\(folder.path)/\(name)" }

  /// Runs the tool here; words are parted by spaces.
  func run(
    _ command: String, environment: [String: String] = [:],
    meanwhile: (pid_t) -> Void = { _ in }
  ) throws -> Program.Outcome {
    try Program("minicnn").run(
      command.split(separator: " ").map(String.init), in: folder.path, environment: environment,
      meanwhile: meanwhile)
  }

  /// What `inspect --json` prints of a checkpoint.
  func inspect(_ file: String) throws -> [String: Any] {
    let outcome = try run("inspect \(file) --json")
    return outcome.status == 0 ? try outcome.json() : ["error": outcome.errors]
  }

  /// Waits until a file is there and not empty, two minutes at most.
  func waitForText(in name: String) {
    for _ in 0..<12_000 where (try? bytes(name))?.isEmpty ?? true { usleep(10_000) }
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: self(name)))
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: self(name))))
  }

  /// What lies in the folder, hidden files included.
  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
  }

  /// Images whose class is told by the quarter that is bright.
  private static func writeSet(_ count: Int, seed: UInt64, to prefix: String) throws {
    var random = CounterRandom(seed: seed, .test)
    let labels = (0..<count).map { _ in UInt8(random.below(4)) }
    let pixels = labels.flatMap { label in
      (0..<64).map { place in
        let quarter = place / 32 * 2 + place % 8 / 4
        return UInt8(random.below(120) + (quarter == Int(label) ? 130 : 0))
      }
    }
    try IDXWriter.writeImages(
      pixels, height: 8, width: 8, to: "\(prefix)-images-idx3-ubyte")
    try IDXWriter.writeLabels(labels, to: "\(prefix)-labels-idx1-ubyte")
  }
}

extension Program.Outcome {
  /// Standard output as one JSON value.
  func json() throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
  }

  /// The lines of standard output, each a JSON object.
  func jsonLines() throws -> [[String: Any]] {
    try output.split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
    }
  }
}
