import Files
import ImageData
import NeuralNetwork

/// A model that is exported, with its proof.
public struct ExportedModel: Sendable {
  /// The network, its loss and the names of its classes.
  public let model: TrainedModel
  /// What the file says of where it comes from, and what it should compute.
  public let proof: ExportProof

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

/// A format that trained models are exported to.
public protocol ExportFormat: Sendable {
  /// What `--format` calls it.
  static var name: String { get }
  /// What the names of its files end with, the dot included.
  static var endings: [String] { get }
  /// What it is for, in a line.
  static var help: String { get }

  /// The files of a model: the one at `path` first, then those that go beside it.
  ///
  /// - Throws: a `ModelError` that names the first layer the format cannot state, or a `FileError`.
  func files(of model: ExportedModel, at path: String) throws -> [ExportedFile]

  /// What the files compute for images with these numbers, `[numbers][outputs]`, by reading nothing but the files;
  /// `nil` where this machine lacks what it takes, with `missing` saying what.
  ///
  /// - Throws: a `FileError` where they cannot be read.
  func scores(
    _ files: [ExportedFile], of model: ExportedModel, _ images: ImageSet, _ numbers: [Int32]
  ) throws -> ExportScores
}

/// What exported files compute.
public enum ExportScores: Sendable {
  /// The outputs for each image.
  case scores([[Float]])
  /// They cannot be computed here, for want of this: `a C compiler`.
  case missing(String)
}
