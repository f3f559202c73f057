/// A layer whose variables' gradient is computed once for the whole batch.
///
/// A batch is worked on in chunks by several threads. Were each to add to a gradient of its own, the
/// variables of a large dense layer would be read and written many times over. Instead every chunk
/// leaves its inputs and output gradients, and when all have arrived the gradient is computed in
/// pieces that any thread may take. ``Layer/backward(_:x:y:into:adding:weights:cache:mode:)`` of such
/// a layer computes the gradient of the input only.
package protocol GatheringLayer: Layer {
  /// The number of floats that a batch of this many samples leaves.
  func gatheredCount(batch: Int) -> Int
  /// The number of pieces of the gradient; depends on the layer alone.
  var gradientPieces: Int { get }
  /// The number of pieces in which what was gathered is gone through before the gradient is computed; 0
  /// where nothing is to be found out.
  var listPieces: Int { get }

  /// Keeps what the gradient needs of samples `first` and following of a batch. Overwrites their part
  /// of `gathered`; several threads may keep different samples at once.
  func gather(
    _ dy: Tensor, x: Tensor, first: Int, batch: Int, into gathered: UnsafeMutablePointer<Float>)
  /// Goes through one piece of a whole batch. Overwrites its part of `gathered`.
  func list(piece: Int, batch: Int, in gathered: UnsafeMutablePointer<Float>)
  /// Computes one piece of the gradient of a whole batch. Overwrites its part of `gradients`, or
  /// adds to it.
  ///
  /// - Returns: the sum of the squares of that part.
  func gradient(
    piece: Int, batch: Int, of gathered: UnsafePointer<Float>, adds: Bool,
    into gradients: Gradients
  ) -> Double

  /// Passes on the stretches of what was gathered of some samples that some pieces read, at least one, but for what
  /// ``list(piece:batch:in:)`` leaves: what another process sends for those pieces.
  func forEachGathered(
    pieces: Range<Int>, samples: Range<Int>, batch: Int, _ body: (Range<Int>) -> Void)
  /// Passes on the stretches of the variables' gradients that some pieces are, at least one.
  func forEachGradient(pieces: Range<Int>, _ body: (_ variable: Int, Range<Int>) -> Void)
}

extension GatheringLayer {
  /// 0 by default.
  package var listPieces: Int { 0 }
  /// Does nothing by default.
  package func list(piece: Int, batch: Int, in gathered: UnsafeMutablePointer<Float>) {}
}
