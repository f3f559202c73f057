/// A layer whose output for a single sample several threads can compute together.
///
/// However it is cut, no piece changes the bits of another, so one image gives the same output as in any
/// batch.
package protocol DivisibleLayer: Layer {
  /// The most pieces of one sample's output; 1 where cutting would cost more than it saves.
  var outputPieces: Int { get }
  /// Computes one of at most ``outputPieces`` pieces of one sample's output, outside of training.
  /// - x: input `[1, inputShape]`, read.
  /// - y: output `[1, outputShape]`; the piece's part is overwritten.
  /// - cache: a different one for each thread.
  func forward(
    piece: Int, of pieces: Int, _ x: Tensor, into y: UnsafeMutablePointer<Float>,
    weights: Weights, cache: Cache)
}

extension DivisibleLayer {
  /// The most pieces of one sample: four cores finish together, and so do two.
  static var mostPieces: Int { 4 }
  /// The multiply-adds below which waiting for each other costs more than a second core saves, as
  /// LeNet-5's convolutions showed: some 6 µs of work.
  static var leastWork: Int { 300_000 }
}
