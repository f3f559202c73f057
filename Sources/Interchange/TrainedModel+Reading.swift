import Checkpoints
import Files
import ModelFiles
import NeuralNetwork

extension TrainedModel {
  /// Reads a model from a file of any ``ModelFormat``.
  ///
  /// - Parameter model: the layers and the settings of a file that holds weights alone.
  /// - Throws: a `FileError` where the file is missing or damaged, is of none of these formats, states a layer that
  ///   we do not have, or lacks what `model` would tell.
  public init(contentsOf path: String, model: ModelFile? = nil) throws(FileError) {
    guard let format = try ModelFormat(of: path) else {
      throw FileError(notAModel: path)
    }
    try self.init(contentsOf: path, as: format, model: model)
  }

  /// Reads a model from a file of a format that is known.
  package init(
    contentsOf path: String, as format: ModelFormat, model: ModelFile?
  ) throws(FileError) {
    switch (format, model) {
    case (.checkpoint, nil): self.init(try Checkpoint(contentsOf: path))
    case (.keras, nil), (.kerasLegacy, nil): try self.init(keras: path)
    case (.onnx, nil): try self.init(onnx: path)
    case (.kerasWeights, let model?): try self.init(keras: path, model: model)
    case (.safetensors, let model?): try self.init(safeTensors: path, model: model)
    case (.kerasWeights, nil), (.safetensors, nil):
      throw FileError(
        .invalid, file: path, expected: "a model", found: "weights alone",
        hint: "name the model file they belong to with --model")
    case (.checkpoint, _?), (.keras, _?), (.kerasLegacy, _?), (.onnx, _?):
      throw FileError(
        .invalid, file: path, expected: "weights alone, as --model names a model file",
        found: "\(format.description), which says itself what its layers are")
    }
  }
}

extension FileError {
  /// A file that is of no ``ModelFormat``.
  package init(notAModel path: String) {
    self.init(
      .invalid, file: path,
      expected: "a model with weights (a checkpoint, or one of Keras, ONNX or safetensors)",
      found: "something else",
      hint: "a model file has no weights, minicnn train gives it some")
  }
}

extension ModelFile {
  /// The network it states, for weights of a file, which has no more than `limit` numbers.
  func network(for path: String, limit: Int) throws(FileError) -> Network {
    do throws(ModelError) {
      return try Network(spec, seed: 0, limit: limit)
    } catch {
      throw FileError(.invalid, file: path, place: "the model \(spec.name)", found: "\(error)")
    }
  }

  /// The loss it states.
  func loss(for path: String) throws(FileError) -> any Loss {
    do throws(SettingError) {
      return try training.resolve(defaultSeed: 0).loss
    } catch {
      throw FileError(
        .invalid, file: path, place: "the training settings of \(spec.name)", found: "\(error)")
    }
  }
}
