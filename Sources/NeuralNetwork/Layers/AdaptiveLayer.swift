/// A layer that learns statistics of its input from the training set, before the first step of a run.
///
/// The training samples pass through the layers before it in chunks, each summarized by itself; the
/// summaries are joined in the order of the samples, so that the result does not depend on the threads. What
/// it learns are variables that training leaves alone (``Variable/Role/statistic``); checkpoints keep them.
public protocol AdaptiveLayer: Layer {
  /// Whether its variables hold something that was learnt already, perhaps by the run that they come from:
  /// then they are left as they are. `weights` has the variables and nothing prepared.
  func isAdapted(_ weights: Weights) -> Bool
  /// The number of floats of one chunk's summary, whatever the number of its samples.
  var summaryCount: Int { get }
  /// Summarizes one chunk of its input. Overwrites `summary`. Several threads call it at once.
  func summarize(_ x: Tensor, into summary: UnsafeMutablePointer<Float>)
  /// Sets the variables to what all chunks, in the order of the samples, say together: `variables` gives the
  /// elements of each by its number in ``Layer/variables``.
  func adapt(
    to summaries: UnsafeBufferPointer<ShardSummary>,
    variables: (Int) -> UnsafeMutablePointer<Float>)
}
