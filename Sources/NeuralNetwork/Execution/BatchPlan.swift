/// How a batch is cut.
///
/// A batch falls into shards, each with a gradient of its own, summed in the order of the shards; a
/// shard is worked through in chunks that stay warm in a core's cache. Both depend on the batch and
/// the network alone, never on the number of threads, and so do the rounding errors.
struct BatchPlan: Sendable {
  /// The most samples worked on at once, where the layers leave the choice.
  static let mostInChunk = 16
  /// The most samples that are gathered before layers that wait for the whole batch compute what they
  /// can of their gradient: what is gathered would otherwise grow with the batch. Every shard brings
  /// at least ``leastInWave`` of them.
  static let mostInWaves = 512
  static let leastInWave = 8
  /// The most floats of the shards' gradients, 128 MiB, where more than ``ShardRule/standard`` shards
  /// are asked for.
  static let mostSharded = 1 << 25

  /// The most samples of a chunk; a whole shard where the shards meet at some layer.
  let chunk: Int
  /// What of the network is run between two layers where shards meet.
  let stages: Stages
  /// Into how many shards a batch falls.
  let rule: ShardRule
  /// The most samples of a shard in one wave.
  private let mostInWave: Int

  /// - Parameter shardedCount: the floats of each shard's gradient.
  init(graph: Graph, batch: Int, rule: ShardRule, shardedCount: Int) {
    stages = Stages(graph)
    self.rule = rule.limited(shardedCount: shardedCount)
    mostInWave = max(Self.mostInWaves / self.rule.most, Self.leastInWave)
    chunk =
      stages.last > 0
      ? self.rule.longestShard(upTo: batch)
      : min(self.rule.shard(0, of: batch).count, Self.mostInChunk)
  }

  /// Whether all of a shard is worked on at once, because shards meet at some layer.
  var meets: Bool { stages.last > 0 }

  /// The part of a shard that belongs to one wave, and the number of its first sample in the wave.
  struct Part {
    let samples: Range<Int>
    let first: Int
  }

  /// How many waves a batch is gathered in.
  func waves(of samples: Int) -> Int {
    meets ? 1 : (shard(0, of: samples).count + mostInWave - 1) / mostInWave
  }

  /// The part of a shard that belongs to a wave.
  func part(of shard: Int, wave: Int, samples: Int) -> Part {
    var first = 0
    for earlier in 0..<shard { first += range(of: earlier, wave: wave, samples: samples).count }
    return Part(samples: range(of: shard, wave: wave, samples: samples), first: first)
  }

  /// The samples of a wave.
  func samples(inWave wave: Int, of samples: Int) -> Int {
    part(of: shards(of: samples), wave: wave, samples: samples).first
  }

  private func range(of shard: Int, wave: Int, samples: Int) -> Range<Int> {
    guard shard < shards(of: samples) else { return samples..<samples }
    let all = self.shard(shard, of: samples)
    guard !meets else { return all }
    let start = min(all.lowerBound + wave * mostInWave, all.upperBound)
    return start..<min(start + mostInWave, all.upperBound)
  }

  /// The number of shards that `samples` samples fall into.
  func shards(of samples: Int) -> Int { rule.shards(of: samples) }

  /// The samples of one shard.
  func shard(_ index: Int, of samples: Int) -> Range<Int> { rule.shard(index, of: samples) }

  /// How many samples each shard has.
  func sizes(of samples: Int) -> ShardSizes { ShardSizes(of: samples, rule) }
}

/// The numbers of samples of the shards of one batch.
struct ShardSizes {
  private let rule: ShardRule
  private let batch: Int
  /// The number of shards.
  let count: Int

  init(of batch: Int, _ rule: ShardRule) {
    (self.rule, self.batch, count) = (rule, batch, rule.shards(of: batch))
  }

  subscript(shard: Int) -> Int { rule.shard(shard, of: batch).count }
}

/// Into how many shards batches fall. The order of a gradient's sums, and with it the last digits of a
/// run, follow from it.
package struct ShardRule: Hashable, Sendable {
  /// The most shards of a batch: as many threads can work on one.
  package let most: Int
  /// The samples of a shard, at least: fewer would read a large kernel for too little work.
  let least: Int

  private init(most: Int, least: Int) { (self.most, self.least) = (most, least) }

  /// As many shards, of at least eight samples each.
  package init(most: Int) { self.init(most: most, least: Self.leastSamples) }

  /// The samples of the shortest shard.
  package static let leastSamples = 8

  /// Eight shards: enough for eight cores.
  package static let standard = ShardRule(most: 8)
  /// Eight shards of any size: how states of the first format were trained.
  package static let first = ShardRule(most: 8, least: 1)

  /// The same for a network: fewer shards where their gradients would take more than 128 MiB, or what those
  /// of eight shards take.
  package func limited(for network: Network) -> ShardRule {
    limited(shardedCount: network.layout.shardedCount)
  }

  /// - Parameter shardedCount: the floats of each shard's gradient.
  func limited(shardedCount: Int) -> ShardRule {
    let bound = max(Self.standard.most, BatchPlan.mostSharded / max(shardedCount, 1))
    return ShardRule(most: min(most, bound), least: least)
  }

  /// The number of shards that `samples` samples fall into.
  package func shards(of samples: Int) -> Int { min(most, max(1, samples / least), samples) }

  /// The samples of the longest shard of any batch up to one of that many: a smaller batch may have
  /// longer ones, as 15 samples are one and 16 are two.
  package func longestShard(upTo batch: Int) -> Int {
    max(shard(0, of: batch).count, min(batch, 2 * least - 1))
  }

  /// The samples of one shard; the first ones are longer by one where the samples do not divide
  /// evenly.
  package func shard(_ index: Int, of samples: Int) -> Range<Int> {
    let (size, longer) = samples.quotientAndRemainder(dividingBy: max(1, shards(of: samples)))
    let start = index * size + min(index, longer)
    return start..<start + size + (index < longer ? 1 : 0)
  }
}
