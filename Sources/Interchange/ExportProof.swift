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

extension TrainedModel {
  /// Adds a remark where the network does not compute what its file says of a test image: since it was exported, by
  /// whatever program, its weights have been changed.
  ///
  /// - Parameters:
  ///   - image: the pixels that the file has, `[inputShape]`; `nil` where it has none.
  ///   - scores: the outputs for it that the file has, `[outputShape]`.
  mutating func compare(withProof image: [Int]?, scores: [Float]?) {
    guard let image, let scores, image.count == network.inputShape.count,
      scores.count == network.outputShape.count
    else { return }
    let found = try? Predictor(network, pool: ThreadPool(threads: 1))
      .output(for: image.map { Float($0) / 255 })
    let agrees = zip(found ?? [], scores).allSatisfy { abs($0 - $1) <= 1e-3 * max(1, abs($1)) }
    guard found == nil || !agrees else { return }
    remarks.append(
      "gives other outputs for the test image in it than it says; it has been changed since it was"
        + " exported, or is damaged")
  }
}
