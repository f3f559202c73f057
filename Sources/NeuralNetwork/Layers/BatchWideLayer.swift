/// A layer whose training pass depends on the whole batch, not on a sample or a shard alone.
///
/// A batch is cut into shards that threads work on. At such a layer the shards meet: each
/// summarizes its part, the summaries are joined in the order of the shards (so the result does
/// not depend on the threads), and each continues with the common result.
package protocol BatchWideLayer: Layer {
  /// The number of floats of one shard's summary, forwards or backwards.
  var summaryCount: Int { get }
  /// The number of floats the whole batch has in common; they are ``Weights/shared`` in all later
  /// calls.
  var sharedCount: Int { get }

  /// Whether a pass may forget the output, and compute it again for the way back: where that costs less than
  /// memory for it, and `backward` does not read it.
  var isRecomputed: Bool { get }

  /// Summarizes one shard's input. Overwrites `summary`.
  func summarize(_ x: Tensor, into summary: UnsafeMutablePointer<Float>)
  /// Joins the summaries of all shards. Overwrites the forward part of `shared`.
  func join(
    _ summaries: UnsafeBufferPointer<ShardSummary>, into shared: UnsafeMutablePointer<Float>)
  /// Summarizes one shard's output gradient. Overwrites `summary`, adds to `gradients`.
  func summarizeGradient(
    _ dy: Tensor, x: Tensor, into summary: UnsafeMutablePointer<Float>,
    adding gradients: Gradients, weights: Weights, cache: Cache, mode: Mode)
  /// Joins the gradient summaries of all shards. Overwrites the backward part of `shared`.
  func joinGradients(
    _ summaries: UnsafeBufferPointer<ShardSummary>, into shared: UnsafeMutablePointer<Float>)
  /// Moves the running statistics by one step; called once per step, by the owner of the network.
  func updateStatistics(
    _ shared: UnsafePointer<Float>, variables: (Int) -> UnsafeMutablePointer<Float>)
}

/// What a layer said of some samples: of a shard of a batch, or of a chunk of the training set. Valid during
/// one call.
public struct ShardSummary {
  /// The number of samples.
  public let samples: Int
  /// The layer's own numbers.
  public let values: UnsafePointer<Float>
}
