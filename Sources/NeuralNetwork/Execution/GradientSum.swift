import CKernels

/// What is left to do after the last chunk of a batch: the gathered gradients are computed, those
/// of the shards summed by a fixed tree, and both are measured, each piece by itself.
struct GradientSum: PoolWork {
  /// The floats of a piece of the shards' sum.
  static let segment = 1 << 14

  let gathered: GatheredBatch
  let gatheredPieces: Int
  /// Whether the gathered gradients are added to those of earlier waves.
  let adds: Bool
  let shardGradients: ShardArrays
  let shards: Int
  /// The floats of a shard's gradient.
  let count: Int
  let gradient: UnsafeMutablePointer<Float>
  /// The sum of squares of each piece.
  let squares: UnsafeMutableBufferPointer<Double>

  func perform(worker: Int, task: Int) {
    squares[task] =
      task < gatheredPieces
      ? gathered.gradient(task, adds: adds, into: gradient) : sum(task - gatheredPieces)
  }

  private func sum(_ piece: Int) -> Double {
    let start = piece * Self.segment
    let length = min(Self.segment, count - start)
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: shards) { sources in
      for shard in 0..<shards {
        sources.initializeElement(at: shard, to: UnsafePointer(shardGradients[shard] + start))
      }
      mc_sum_shards(length, shards, sources.baseAddress, gradient + start)
    }
    return mc_sum_of_squares(length, gradient + start)
  }
}
