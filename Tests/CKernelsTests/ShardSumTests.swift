import CKernels
import Testing

@Suite struct ShardSumTests {
  /// The tree joins neighbours level by level, whatever the number of shards: the same bits.
  @Test(arguments: [1, 2, 3, 5, 64, 65, 100, 129, 200])
  func joinsNeighbours(_ shards: Int) {
    let count = 19
    let parts = (0..<shards).map { numbers(count, seed: UInt64($0 + 1)) }
    var level = parts
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: 2).map { k in
        k + 1 < level.count ? zip(level[k], level[k + 1]).map { $0 + $1 } : level[k]
      }
    }
    let flat = parts.flatMap { $0 }
    var sum = [Float](repeating: .nan, count: count)
    flat.withUnsafeBufferPointer { all in
      let pointers = (0..<shards).map { shard in all.baseAddress.map { $0 + shard * count } }
      mc_sum_shards(count, shards, pointers, &sum)
    }
    #expect(sum == level[0])
  }
}
