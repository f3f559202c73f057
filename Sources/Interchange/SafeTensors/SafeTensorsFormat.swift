import Files
import ImageData
import NeuralNetwork
import Training

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Weights in Hugging Face's safetensors format, in PyTorch's layouts, with a program in plain PyTorch that loads
/// them.
///
/// The arrays are the state dict of that program's module: kernels `[out, in, height, width]`, dense weights
/// `[out, in]`, the first dense layer after an image flattened in PyTorch's order. What the file is of stands in
/// its `__metadata__`: what the input and the outputs are, the names of the classes, and the proof.
public struct SafeTensorsFormat: ExportFormat {
  /// `safetensors`.
  public static let name = "safetensors"
  /// `.safetensors`.
  public static let endings = [".safetensors"]
  /// What it is for.
  public static let help = "weights for PyTorch, and NAME.py that builds the network and loads them"

  /// 0: the same floats come back.
  public let tolerance: Float = 0

  /// Creates the format.
  public init() {}

  /// The weights at `path`, and beside them the program, called alike.
  ///
  /// - Throws: a `ModelError` that names the first layer PyTorch has nothing like.
  public func files(of model: ExportedModel, at path: String) throws -> [ExportedFile] {
    let network = model.network
    let torch = try TorchNetwork(network)
    let meaning = network.outputMeaning(with: model.model.loss)
    let program = torch.program(
      input: network.inputShape, output: network.outputShape, outputs: meaning)
    let weights = try SafeTensorsWriter.bytes(
      torch.tensors.map { $0.array(of: network) }, metadata: try metadata(of: model, meaning))
    return [
      ExportedFile(path: path, bytes: weights),
      ExportedFile(path: Self.programPath(path), bytes: Array(program.utf8)),
    ]
  }

  private static func programPath(_ path: String) -> String {
    let stem = endings.first(where: path.hasSuffix).map { String(path.dropLast($0.count)) } ?? path
    // A program called so would be what it, and every other one in its folder, imports.
    let isImported = ["torch", "safetensors", "base64", "json", "os", "struct", "sys"].contains {
      stem == $0 || stem.hasSuffix("/\($0)")
    }
    return stem + (isImported ? "_model.py" : ".py")
  }

  private func metadata(
    of model: ExportedModel, _ meaning: OutputMeaning
  ) throws -> [String: String] {
    let shape = model.network.inputShape
    let extents = shape.rank == 3 ? [shape[2], shape[0], shape[1]] : shape.array
    var texts = [
      // Without it Hugging Face's libraries refuse a file.
      "format": "pt",
      "minicnn.model": model.name,
      "minicnn.input": "[N, \(extents.map(String.init).joined(separator: ", "))], pixels / 255",
      "minicnn.outputs": meaning.rawValue,
      "minicnn.weights_sha256": model.proof.weightsSHA256,
      "minicnn.test_image": Data(model.proof.image).base64EncodedString(),
      "minicnn.test_outputs": String(
        decoding: try JSONEncoder().encode(model.proof.scores), as: UTF8.self),
    ]
    if !model.model.classNames.isEmpty {
      texts["minicnn.classes"] = String(
        decoding: try JSONEncoder().encode(model.model.classNames), as: UTF8.self)
    }
    return texts
  }

  /// What the weights in the first file compute, read back as another's would be.
  public func scores(
    _ files: [ExportedFile], of model: ExportedModel, _ images: ImageSet, _ numbers: [Int32]
  ) throws -> ExportScores {
    guard let file = files.first else { return .scores([]) }
    let content = try SafeTensorsFile(file.bytes, path: file.path)
    let weights = try SafeTensorsWeights(content, for: model.network)
    return .scores(try weights.network.scores(images, numbers))
  }
}

extension TorchTensor {
  /// The array that a file holds of it.
  fileprivate func array(of network: Network) -> SafeTensorsWriter.Array {
    let elements: SafeTensorsWriter.Array.Elements =
      switch content {
      case .variable(let entry, let order): .floats(order(network.values(of: entry)))
      case .constant(let value): .floats(Array(repeating: value, count: count))
      case .count(let entry):
        .count(entry.flatMap { Int64(exactly: network.values(of: $0)[0]) } ?? 0)
      }
    return SafeTensorsWriter.Array(name: name, shape: shape, elements: elements)
  }
}
