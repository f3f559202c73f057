import Checkpoints
import ImageData
import NeuralNetwork

/// What every exported file carries, so that whoever has it can tell which weights it was made of, and whether
/// it computes the same where they are.
public struct ExportProof: Sendable {
  /// ``Network/weightsSHA256`` of the network that was exported, as `inspect` prints it.
  public let weightsSHA256: String
  /// The pixels of a test image, `[height, width, channels]`, which the network gets divided by 255.
  public let image: [UInt8]
  /// What the network gives for it, `[outputShape]`.
  public let scores: [Float]

  /// Computes the scores of an image.
  ///
  /// - Throws: a ``NumericFault`` where a weight or a score is not finite.
  init(_ network: Network, image: [UInt8]) throws(NumericFault) {
    for entry in network.layout.entries where !network.values(of: entry).allSatisfy(\.isFinite) {
      throw NumericFault(
        layer: network.nodes[entry.node].name, quantity: .weights, largestInput: 0, sample: nil)
    }
    weightsSHA256 = network.weightsSHA256
    self.image = image
    let predictor = Predictor(network, pool: ThreadPool(threads: 1))
    scores = try predictor.output(for: image.map { Float($0) / 255 })
    if !scores.allSatisfy(\.isFinite) {
      throw NumericFault(
        layer: network.nodes.last?.name ?? "", quantity: .output, largestInput: 0, sample: nil)
    }
  }
}
