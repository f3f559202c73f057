import CKernels

// What is left to do after the last chunk of a batch.
extension BatchPass {
  /// The floats of a piece of the shards' sum.
  private static let pieceLength = 1 << 14

  /// How many pieces the shards' sum is cut in.
  static func pieces(ofSum count: Int) -> Int { (count + pieceLength - 1) / pieceLength }

  /// Computes the gathered gradients, sums those of the shards by a fixed tree, and measures both, each
  /// piece by itself.
  ///
  /// - Returns: the norm of the whole gradient.
  func sumGradients(_ gathered: GatheredBatch, on pool: ThreadPool) -> Double {
    list(gathered, on: pool)
    let adds = plan.waves(of: numbers.count) > 1
    pool.run(squares.count, with: (pass: self, gathered: gathered, adds: adds)) {
      context, _, piece in
      context.pass.sum(piece, context.gathered, adds: context.adds)
    }
    return squares.reduce(0, +).squareRoot()
  }

  /// Lets the layers go through what was gathered, each piece by itself.
  func list(_ gathered: GatheredBatch, on pool: ThreadPool) {
    guard gathering.lists > 0 else { return }
    pool.run(gathering.lists, with: gathered) { gathered, _, piece in gathered.list(piece) }
  }

  private func sum(_ piece: Int, _ gathered: GatheredBatch, adds: Bool) {
    squares[piece] =
      piece < gathering.pieces
      ? gathered.gradient(piece, adds: adds, into: gradient) : sumShards(piece - gathering.pieces)
  }

  private func sumShards(_ piece: Int) -> Double {
    let start = piece * Self.pieceLength
    let length = min(Self.pieceLength, shardedCount - start)
    let shards = staged.shards
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: shards) { sources in
      for shard in 0..<shards {
        sources.initializeElement(at: shard, to: UnsafePointer(shardGradients[shard] + start))
      }
      mc_sum_shards(length, shards, sources.baseAddress, gradient + start)
    }
    return mc_sum_of_squares(length, gradient + start)
  }
}
