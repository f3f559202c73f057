/// A layer on images each row of whose output follows from some rows of its input, outside of training.
///
/// Threads that share a single sample each compute rows of several such layers, one after the other. A row
/// has the same bits whoever computes it along with which others, so one image gives the same output as in
/// any batch.
package protocol RowwiseLayer: Layer {
  /// How many rows are computed together at least; `nil` where the layer needs the whole input after all.
  var rowStep: Int? { get }
  /// The rows of the input that rows of the output are computed from. Both ends of `rows` are multiples of
  /// ``rowStep``, or the last row's end.
  func inputRows(of rows: Range<Int>) -> Range<Int>
  /// Computes such rows of one sample's output.
  /// - x: input `inputShape`, of which ``inputRows(of:)`` are read.
  /// - y: output `outputShape`; the rows are overwritten.
  /// - cache: a different one for each thread.
  func forward(
    rows: Range<Int>, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    weights: Weights, cache: Cache)
}

extension RowwiseLayer {
  /// The same rows, for layers that work on each position by itself.
  package func inputRows(of rows: Range<Int>) -> Range<Int> { rows }
}

extension Shape {
  /// The place of a row's first number in an image.
  func start(ofRow row: Int) -> Int { row * self[1] * self[2] }
  /// How many numbers some rows of an image have.
  func count(ofRows rows: Range<Int>) -> Int { rows.count * self[1] * self[2] }
}
