/// A layer that learns statistics of its input from the training set, before the first step of a run.
///
/// The training samples pass through the layers before it in chunks, each summarized by itself; the
/// summaries are joined in the order of the samples, so that the result does not depend on the threads.
package protocol AdaptiveLayer: Layer {
  /// Whether its variables hold something that was learnt already, perhaps by the run that they come from:
  /// then they are left as they are.
  func isAdapted(_ weights: Weights) -> Bool
  /// The number of floats of one chunk's summary.
  var summaryCount: Int { get }
  /// Summarizes one chunk of its input. Overwrites `summary`.
  func summarize(_ x: Tensor, into summary: UnsafeMutablePointer<Float>)
  /// Sets the variables to what all chunks say together.
  func adapt(
    to summaries: UnsafeBufferPointer<ShardSummary>,
    variables: (Int) -> UnsafeMutablePointer<Float>)
}
