import Checkpoints
import Files
import HDF5

/// What a file with a model is.
public enum ModelFormat: String, Sendable, CaseIterable {
  /// A state of a run of ours.
  case checkpoint
  /// Weights in Keras 3's `.weights.h5`, without the model they belong to.
  case kerasWeights = "keras-weights"
  /// Keras's older format, a model and its weights in an HDF5 file.
  case kerasLegacy = "keras-hdf5"
  /// Keras 3's `.keras`, a zip file.
  case keras
  /// A graph of operators.
  case onnx
  /// Arrays, without the model they belong to.
  case safetensors

  /// What messages call it, with its article.
  public var description: String {
    switch self {
    case .checkpoint: "a checkpoint"
    case .kerasWeights: "Keras weights (.weights.h5)"
    case .kerasLegacy: "a Keras HDF5 file"
    case .keras: "a .keras file"
    case .onnx: "an ONNX file"
    case .safetensors: "a safetensors file"
    }
  }

  /// Whether it says which layers the model has.
  public var statesModel: Bool { self != .kerasWeights && self != .safetensors }

  /// What a file is, by its content where that tells and by its name otherwise; `nil` where it is none of these.
  ///
  /// - Throws: a `FileError` where it is not there, cannot be read, or is HDF5 and damaged.
  public init?(of path: String) throws(FileError) {
    let start = try WholeFile.start(of: path, count: 4)
    if try SealedImage.isHDF5(path) {
      let file = try HDF5File(reading: path)
      if try file.kind(of: "/minicnn/format_version") != nil {
        self = .checkpoint
      } else if try file.kind(of: "/layers") == .group {
        self = .kerasWeights
      } else {
        self = .kerasLegacy
      }
    } else if start == [0x50, 0x4b, 0x03, 0x04] {
      self = .keras
    } else if path.hasSuffix(".onnx") {
      self = .onnx
    } else if path.hasSuffix(".safetensors") {
      self = .safetensors
    } else {
      return nil
    }
  }
}
