/// Which part of a step is whose. Follows from the number of ranks and the batch alone, so every rank knows
/// what all others do.
struct RankPlan: Sendable {
  /// The number of ranks.
  let ranks: Int
  /// How a batch is cut.
  let batches: BatchPlan
  /// The floats of each shard's gradient.
  let shardedCount: Int

  /// The shards of a batch that a rank runs: neighbours, so that it can join some of them before they are sent.
  func shards(of rank: Int, samples: Int) -> Range<Int> {
    part(rank, of: batches.shards(of: samples))
  }

  /// The most shards that a rank runs of any batch up to one of that many samples.
  func mostShards(upTo samples: Int) -> Int {
    (batches.shards(of: samples) + ranks - 1) / ranks
  }

  /// The stretch of the shards' gradients that a rank sums for all; whole cache lines.
  func stretch(of rank: Int) -> Range<Int> {
    let lines = part(rank, of: shardedCount / 16)
    return lines.lowerBound * 16..<lines.upperBound * 16
  }

  /// The pieces that a rank computes for all, of so many.
  func pieces(of rank: Int, all count: Int) -> Range<Int> { part(rank, of: count) }

  /// The samples of a wave that a rank runs, by their numbers in it.
  func samples(of rank: Int, wave: Int, samples: Int) -> Range<Int> {
    let shards = shards(of: rank, samples: samples)
    func first(_ shard: Int) -> Int {
      batches.part(of: shard, wave: wave, samples: samples).first
    }
    return first(shards.lowerBound)..<first(shards.upperBound)
  }

  private func part(_ rank: Int, of count: Int) -> Range<Int> {
    rank * count / ranks..<(rank + 1) * count / ranks
  }

  /// A part of the tree of sums, all of whose shards are one rank's.
  struct Subtree {
    /// The number of its first shard.
    let first: Int
    /// It has 2 to the power of this shards.
    let height: Int
    /// Its number among those of the rank.
    let number: Int

    var shards: Int { 1 << height }
  }

  /// Passes on the largest whole subtrees that a rank's shards are, in their order.
  func forEachSubtree(of shards: Range<Int>, _ body: (Subtree) -> Void) {
    var (shard, number) = (shards.lowerBound, 0)
    while shard < shards.upperBound {
      let left = shards.upperBound - shard
      var height = min(shard.trailingZeroBitCount, Int.bitWidth - 2)
      while 1 << height > left { height -= 1 }
      body(Subtree(first: shard, height: height, number: number))
      shard += 1 << height
      number += 1
    }
  }

  /// How many subtrees those are.
  func subtrees(of shards: Range<Int>) -> Int {
    var count = 0
    forEachSubtree(of: shards) { _ in count += 1 }
    return count
  }
}
