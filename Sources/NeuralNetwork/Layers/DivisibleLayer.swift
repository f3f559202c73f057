/// A layer of which several threads can compute parts of a single sample's output, each from all of its
/// input.
///
/// However it is cut, no piece changes the bits of another, so one image gives the same output as in any
/// batch.
package protocol DivisibleLayer: Layer {
  /// The most pieces of one sample's output.
  var outputPieces: Int { get }
  /// Computes one of at most ``outputPieces`` pieces of one sample's output, outside of training.
  /// - x: input `[1, inputShape]`, read.
  /// - y: output `[1, outputShape]`; the piece's part is overwritten.
  /// - cache: a different one for each thread.
  func forward(
    piece: Int, of pieces: Int, _ x: Tensor, into y: UnsafeMutablePointer<Float>,
    weights: Weights, cache: Cache)
}
