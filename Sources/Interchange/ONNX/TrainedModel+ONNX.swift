import Files
import NeuralNetwork

extension TrainedModel {
  /// Reads a model from ONNX, as ``ONNXFormat`` writes it: operator set 13, one input of float32 with a free number
  /// of samples, one output, and no operators but those that layers are written as.
  ///
  /// Layers that do nothing outside of training are not in the file. Costs two copies of the weights.
  ///
  /// - Throws: a `FileError` that names the node, the array or the byte of what is not read.
  public init(onnx path: String) throws(FileError) {
    try self.init(onnx: try WholeFile.read(path, limit: 1 << 30), path: path)
  }

  /// Reads a model from the bytes of a file.
  package init(onnx bytes: [UInt8], path: String) throws(FileError) {
    let model = try ONNXModel(reading: bytes, path: path)
    var reader = try ONNXGraphReader(model, path: path)
    network = try reader.network()
    loss = try model.loss(path: path)
    classNames = try model.classNames(outputs: network.outputShape.count, path: path)
    let proof = model.proof(of: network)
    compare(withProof: proof.image, scores: proof.scores)
  }
}
