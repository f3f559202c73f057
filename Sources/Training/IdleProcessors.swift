import NeuralNetwork

/// Threads that have nothing to do in a run, because its batches fall into fewer shards than there are
/// threads; and what would give them work.
public struct IdleProcessors: Sendable, Equatable, CustomStringConvertible {
  /// The threads that could work, those of all ranks together.
  public let threads: Int
  /// The ranks that they are of.
  public let ranks: Int
  /// The samples of a batch.
  public let batch: Int
  /// The shards that a batch falls into: as many threads work.
  public let shards: Int
  /// What there is to be done about it.
  public let remedy: Remedy
  /// The setting `shards`.
  private let setting: Int
  /// The shards that larger batches of the same samples fall into with the best setting.
  private let reachable: Int

  /// What gives more threads work.
  public enum Remedy: Sendable, Equatable {
    /// Another value of the setting `shards`, by which as many threads work.
    case shards(Int)
    /// Nothing but larger batches: a shard has at least eight samples.
    case largerBatches
    /// Nothing: there are as many shards as the setting allows, or as a network of this size has.
    case none
    /// Nothing in this run, whose shards are fixed.
    case anotherRun
  }

  /// Compares the threads of a run with the shards of its batches; `nil` where none is idle.
  ///
  /// - Parameters:
  ///   - samples: those of an epoch.
  ///   - threads: those of all ranks together; one for each processor where `nil`.
  ///   - ranks: the processes that share a batch.
  ///   - isResumed: whether the run has begun, so that its settings are fixed.
  public init?(
    _ network: Network, settings: TrainingSettings, samples: Int, threads: Int? = nil,
    ranks: Int = 1, isResumed: Bool = false
  ) {
    batch = min(settings.batchSize, samples)
    self.ranks = ranks
    self.threads = threads ?? ThreadPool.availableProcessors
    shards = settings.shardRule.limited(for: network).shards(of: batch)
    guard shards < self.threads else { return nil }
    let most = min(self.threads, TrainingSettings.mostShards)
    let rule = ShardRule(most: most).limited(for: network)
    let better = rule.shards(of: batch)
    (setting, reachable) = (settings.shards, rule.shards(of: samples))
    remedy =
      if isResumed {
        .anotherRun
      } else if better > shards {
        .shards(better)
      } else if shards == TrainingSettings.mostShards
        || ShardRule(most: most).shards(of: batch) > shards
        || reachable <= shards && batch < samples
      {
        .none
      } else {
        .largerBatches
      }
  }

  /// One line.
  public var description: String {
    let all = ranks == 1 ? "\(threads) threads" : "the \(threads) threads of \(ranks) ranks"
    let what =
      shards == 1
      ? "only 1 of \(all) has work, as a batch of \(batch) is 1 shard"
      : "only \(shards) of \(all) have work, as a batch of \(batch) falls into \(shards) shards"
    switch remedy {
    case .shards(let better):
      let gain = Self.gain(better, of: threads)
      let bound = better == threads ? "" : " with batches of \(batch)"
      return
        "\(what); with shards: \(better) \(gain)\(bound) (the last digits of the result follow from it)"
    case .largerBatches:
      guard reachable > shards else { return "\(what), the most that \(batch) samples fall into" }
      let isSet = setting >= reachable
      return "\(what); with batches of \(reachable * ShardRule.leastSamples)"
        + (isSet ? "" : " and shards: \(reachable)") + " \(Self.gain(reachable, of: threads))"
        + " (the result follows from \(isSet ? "their size" : "both"))"
    case .none where shards == TrainingSettings.mostShards: return "\(what), the most there can be"
    case .none: return "\(what), the most that memory is set aside for"
    case .anotherRun: return "\(what), which is fixed for this run"
    }
  }

  private static func gain(_ working: Int, of threads: Int) -> String {
    working == threads ? "all have" : "that many have, the most that can"
  }
}
