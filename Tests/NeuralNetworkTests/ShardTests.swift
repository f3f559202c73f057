import NeuralNetwork
import TestSupport
import Testing

/// How a batch falls into shards.
@Suite struct ShardTests {
  @Test func shardsHaveAtLeastEightSamples() {
    let counts = [0, 1, 7, 8, 15, 16, 32, 63, 64, 1000]
    #expect(counts.map(ShardRule.standard.shards) == [0, 1, 1, 1, 1, 2, 4, 7, 8, 8])
    #expect(counts.map(ShardRule(most: 256).shards) == [0, 1, 1, 1, 1, 2, 4, 7, 8, 125])
    #expect(counts.map(ShardRule(most: 1).shards) == [0, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    // As the first versions had it.
    #expect(counts.map(ShardRule.first.shards) == [0, 1, 7, 8, 8, 8, 8, 8, 8, 8])
  }

  @Test(arguments: [ShardRule.first, .standard, ShardRule(most: 3), ShardRule(most: 256)])
  func shardsFollowOneAnother(rule: ShardRule) {
    for batch in 1...300 {
      let shards = (0..<rule.shards(of: batch)).map { rule.shard($0, of: batch) }
      #expect(shards.flatMap { $0 } == Array(0..<batch))
      #expect(shards.map(\.count).max() ?? 0 <= rule.longestShard(upTo: 300))
      #expect(shards.map(\.count).max() ?? 0 <= rule.longestShard(upTo: batch))
    }
  }

  /// Shards and waves change the order of sums, and nothing else.
  @Test(arguments: [1, 3, 8, 64, 256], [15, 16, 100, 700])
  func gradientsAreTheSameButForRounding(shards: Int, batch: Int) throws {
    let model = ModelSpec("shards", input: [6, 6, 1]) {
      Conv2D(filters: 3, kernel: 3)
      ReLU()
      Flatten()
      Dense(units: 5)
    }
    let network = try Network(model, seed: 5)
    let source = ListedSamples.random(network.inputShape, count: batch, classes: 5)
    let numbers = (0..<Int32(batch)).map { $0 }
    func gradient(_ shards: ShardRule, room: Int, threads: Int) -> [Float] {
      let step = GradientStep(
        network, loss: CrossEntropy(), batch: room, shards: shards,
        pool: ThreadPool(threads: threads))
      _ = numbers.withUnsafeBufferPointer { step.runAlone(network, source, $0, seed: 1, epoch: 0) }
      return step.gradient.values
    }
    let first = gradient(.first, room: batch, threads: 1)
    let rule = ShardRule(most: shards)
    let other = gradient(rule, room: batch, threads: 3)
    #expect(zip(first, other).allSatisfy { abs($0 - $1) <= 1e-6 })
    #expect(gradient(rule, room: batch + 1, threads: 1) == other)
  }

  private static let pools = [1, 2, 3, 8, 16, 64].map { ThreadPool(threads: $0) }

  /// Of every kind of layer, and of shards that meet: more threads than this machine has processors, more
  /// than there are shards, and fewer.
  @Test(arguments: LayerRegistry.builtIn.map { $0.kind }, [(8, 2048), (64, 1500), (256, 2048)])
  func gradientsHaveTheSameBitsOnAnyNumberOfThreads(
    kind: String, cut: (shards: Int, batch: Int)
  ) throws {
    let one = try #require(LayerCases.of(kind).first)
    let network = try Network(one.classifier(classes: 4), seed: 5)
    let source = ListedSamples.random(network.inputShape, count: cut.batch, classes: 4)
    let numbers = (0..<Int32(cut.batch)).map { $0 }
    let results = Self.pools.map { pool in
      let step = GradientStep(
        network, loss: CrossEntropy(), batch: cut.batch, shards: ShardRule(most: cut.shards),
        pool: pool)
      var updated = network
      let result = numbers.withUnsafeBufferPointer {
        step.runAlone(network, source, $0, seed: 1, epoch: 0)
      }
      step.updateStatistics(of: &updated)
      return (
        gradient: step.gradient.values.map(\.bitPattern), loss: result.loss.sum.bitPattern,
        norm: result.gradientNorm.bitPattern,
        variables: updated.variables.values.map(\.bitPattern)
      )
    }
    for (pool, result) in zip(Self.pools, results).dropFirst() {
      #expect(result.gradient == results[0].gradient, "\(pool.threads) threads")
      #expect(result.loss == results[0].loss && result.norm == results[0].norm)
      #expect(result.variables == results[0].variables)
    }
  }

  /// More shards than memory is set aside for are not made, whatever the setting says: as many as fit
  /// 128 MiB, and eight in any case.
  @Test func aLargeGradientHasFewerShards() throws {
    func most(filters: Int, _ rule: ShardRule = ShardRule(most: 256)) throws -> Int {
      let network = try Network(
        ModelSpec("large", input: [4, 4, 64]) {
          Conv2D(filters: filters, kernel: 4)
          Flatten()
          Dense(units: 2)
        }, seed: 1)
      return rule.limited(for: network).shards(of: 4096)
    }
    #expect(try most(filters: 16) == 256)
    // 33,554,432 floats are those of 81 gradients of 409,600 + 400, rounded up to a cache line.
    #expect(try most(filters: 400) == 81)
    #expect(try most(filters: 4096) == 8)
    #expect(try most(filters: 4096, ShardRule(most: 3)) == 3)
  }
}
