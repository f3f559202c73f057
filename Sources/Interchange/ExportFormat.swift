import Files
import ImageData
import NeuralNetwork

/// A format that trained models are exported to.
public protocol ExportFormat: Sendable {
  /// What `--format` calls it.
  static var name: String { get }
  /// What the names of its files end with, the dot included.
  static var endings: [String] { get }
  /// What it is for, in a line.
  static var help: String { get }
  /// How far an output may differ from the network's: absolutely below a magnitude of 1, above by that
  /// share of it. 0 where the same bits are promised.
  var tolerance: Float { get }

  /// The files of a model: the one at `path` first, then those that go beside it.
  ///
  /// - Throws: a `ModelError` that names the first layer the format cannot state, or a `FileError`.
  func files(of model: ExportedModel, at path: String) throws -> [ExportedFile]

  /// What whoever exports should know beforehand, in lines: what the files take of the machine that they are for.
  ///
  /// - Throws: what ``files(of:at:)`` does.
  func remarks(on model: ExportedModel) throws -> [String]

  /// What the files are to compute for images of bytes with these numbers, `[numbers][outputs]`.
  func expectedScores(
    of model: ExportedModel, _ images: ImageSet, _ numbers: [Int32]
  ) throws -> [[Float]]

  /// What the files compute for images of bytes with these numbers, by reading nothing but the files.
  ///
  /// - Throws: a `FileError` where they cannot be read.
  func scores(
    _ files: [ExportedFile], of model: ExportedModel, _ images: ImageSet, _ numbers: [Int32]
  ) throws -> ExportScores
}

extension ExportFormat {
  /// A hundred thousandth: a sum of floats in another order.
  public var tolerance: Float { 1e-5 }

  /// None.
  public func remarks(on model: ExportedModel) throws -> [String] { [] }

  /// The network's own outputs.
  public func expectedScores(
    of model: ExportedModel, _ images: ImageSet, _ numbers: [Int32]
  ) throws -> [[Float]] {
    try model.network.scores(images, numbers)
  }
}

/// A model that is exported, with its proof.
public struct ExportedModel: Sendable {
  /// The network, its loss and the names of its classes.
  public let model: TrainedModel
  /// What the file says of where it comes from, and what it should compute.
  public let proof: ExportProof

  /// Computes the proof of a model.
  ///
  /// - Parameter image: the pixels of a test image, `[height, width, channels]`.
  /// - Throws: a ``NumericFault`` where the model has weights, or gives scores, that are not finite.
  public init(_ model: TrainedModel, image: [UInt8]) throws(NumericFault) {
    self.model = model
    proof = try ExportProof(model.network, image: image)
  }

  /// The network.
  public var network: Network { model.network }
  /// What the model is called.
  public var name: String { model.network.spec.name }
}

/// A file that an export writes.
public struct ExportedFile: Sendable {
  /// Where it goes.
  public let path: String
  /// What is in it.
  public let bytes: [UInt8]

  /// A file with its content.
  public init(path: String, bytes: [UInt8]) { (self.path, self.bytes) = (path, bytes) }
}

/// What exported files compute.
public enum ExportScores: Sendable {
  /// The outputs for each image.
  case scores([[Float]])
  /// They cannot be computed here, for want of this: `a C compiler`.
  case missing(String)
}

extension Network {
  /// The outputs for images with these numbers, `[numbers][outputs]`.
  func scores(_ images: ImageSet, _ numbers: [Int32]) throws(NumericFault) -> [[Float]] {
    let outputs = try Predictor(self, pool: ThreadPool(threads: nil)).outputs(images, numbers)
    let size = outputs.shape.count, values = outputs.values
    return numbers.indices.map { Array(values[$0 * size..<($0 + 1) * size]) }
  }
}
