import Files
import ModelFiles
import NeuralNetwork

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension TrainedModel {
  /// The most bytes a safetensors file may have: the largest network's numbers in double precision, and a header.
  static let largestSafeTensors = Network.largestVariable * 8 + SafeTensorsFile.largestHeader + 8

  /// Reads weights from a safetensors file, whose layers a model file states.
  ///
  /// The file holds the state dict of a PyTorch module: under the names that an export gives its arrays, or under any
  /// others where the arrays of each layer can be told by their shapes; then layers with the same shapes take
  /// modules in the order of their names, numbers in them by their value, and ``remarks`` says which. The shapes are
  /// PyTorch's, as is the order in which an image is flattened.
  ///
  /// - Throws: a `FileError` for a file that is damaged or belongs to another model.
  public init(safeTensors path: String, model: ModelFile) throws(FileError) {
    let bytes = try WholeFile.read(path, limit: Self.largestSafeTensors)
    let file = try SafeTensorsFile(bytes, path: path)
    let network = try model.network(for: path, limit: max(1 << 22, bytes.count / 2))
    let weights = try SafeTensorsWeights(file, for: network)
    self.init(
      network: weights.network, loss: try model.loss(for: path),
      classNames: Self.classNames(file, outputs: network.outputShape.count))
    let proof = Self.proof(file)
    compare(withProof: proof.image, scores: proof.scores)
    if let modules = weights.modules {
      let matches = modules.map { "\($0.layer) is \($0.module.quoted)" }.joined(separator: ", ")
      remarks += ["told by their shapes and the order of their names: \(matches)"]
    }
  }

  /// The test image and its outputs in a file of ours.
  private static func proof(_ file: SafeTensorsFile) -> (image: [Int]?, scores: [Float]?) {
    let image = file.metadata["minicnn.test_image"].flatMap { Data(base64Encoded: $0) }
    let scores = file.metadata["minicnn.test_outputs"].flatMap {
      try? JSONDecoder().decode([Float].self, from: Data($0.utf8))
    }
    return (image?.map(Int.init), scores)
  }

  /// The names in a file of ours, where there is one for each output.
  private static func classNames(_ file: SafeTensorsFile, outputs: Int) -> [String] {
    guard let text = file.metadata["minicnn.classes"],
      let names = try? JSONDecoder().decode([String].self, from: Data(text.utf8)),
      names.count == outputs
    else { return [] }
    return names.map(\.onOneLine)
  }
}
