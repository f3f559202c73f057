/// How a batch is cut.
///
/// A batch falls into shards, each with a gradient of its own, summed in the order of the shards; a
/// shard is worked through in chunks that stay warm in a core's cache. Both depend on the batch and
/// the network alone, never on the number of threads, and so do the rounding errors.
struct BatchPlan: Sendable {
  /// The most shards of a batch: enough for eight cores.
  static let mostShards = 8
  /// The most samples worked on at once, where the layers leave the choice.
  static let mostInChunk = 16

  /// The samples of a chunk at most; a whole shard where the shards meet at some layer.
  let chunk: Int
  /// Whether all of a shard is worked on at once, because shards meet at some layer.
  let meets: Bool

  init(graph: Graph, batch: Int) {
    meets = graph.nodes.contains { $0.batchWide != nil }
    let shard = (batch + Self.mostShards - 1) / Self.mostShards
    chunk = meets ? shard : min(shard, Self.mostInChunk)
  }

  /// The number of shards that `samples` samples fall into.
  static func shards(of samples: Int) -> Int { min(samples, mostShards) }

  /// The samples of one shard; the first ones are longer by one where it does not come out even.
  static func shard(_ index: Int, of samples: Int) -> Range<Int> {
    let shards = Self.shards(of: samples)
    let (size, longer) = samples.quotientAndRemainder(dividingBy: shards)
    let start = index * size + min(index, longer)
    return start..<start + size + (index < longer ? 1 : 0)
  }
}
