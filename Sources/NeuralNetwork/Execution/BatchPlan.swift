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
  /// The most samples of a shard that are gathered before layers that wait for the whole batch
  /// compute what they can of their gradient: what is gathered would otherwise grow with the batch.
  static let mostInWave = 64

  /// The most samples of a chunk; a whole shard where the shards meet at some layer.
  let chunk: Int
  /// What of the network is run between two layers where shards meet.
  let stages: Stages

  init(graph: Graph, batch: Int) {
    stages = Stages(graph)
    let shard = (batch + Self.mostShards - 1) / Self.mostShards
    chunk = stages.last > 0 ? shard : min(shard, Self.mostInChunk)
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
    meets ? 1 : (Self.shard(0, of: samples).count + Self.mostInWave - 1) / Self.mostInWave
  }

  /// The part of a shard that belongs to a wave.
  func part(of shard: Int, wave: Int, samples: Int) -> Part {
    var first = 0
    for earlier in 0..<shard { first += range(of: earlier, wave: wave, samples: samples).count }
    return Part(samples: range(of: shard, wave: wave, samples: samples), first: first)
  }

  /// The samples of a wave.
  func samples(inWave wave: Int, of samples: Int) -> Int {
    part(of: Self.shards(of: samples), wave: wave, samples: samples).first
  }

  private func range(of shard: Int, wave: Int, samples: Int) -> Range<Int> {
    guard shard < Self.shards(of: samples) else { return samples..<samples }
    let all = Self.shard(shard, of: samples)
    guard !meets else { return all }
    let start = min(all.lowerBound + wave * Self.mostInWave, all.upperBound)
    return start..<min(start + Self.mostInWave, all.upperBound)
  }

  /// The number of shards that `samples` samples fall into.
  static func shards(of samples: Int) -> Int { min(samples, mostShards) }

  /// The samples of one shard; the first ones are longer by one where the samples do not divide
  /// evenly.
  static func shard(_ index: Int, of samples: Int) -> Range<Int> {
    let shards = Self.shards(of: samples)
    let (size, longer) = samples.quotientAndRemainder(dividingBy: shards)
    let start = index * size + min(index, longer)
    return start..<start + size + (index < longer ? 1 : 0)
  }
}
