import NeuralNetwork
import Testing
import Training

/// What a run says of threads that have nothing to do.
@Suite struct IdleProcessorsTests {
  private func idle(
    batch: Int, shards: Int = 8, threads: Int, ranks: Int = 1, samples: Int = 60_000,
    isResumed: Bool = false, filters: Int = 2
  ) throws -> IdleProcessors? {
    let network = try Network(
      ModelSpec("idle", input: [4, 4, 64]) {
        Conv2D(filters: filters, kernel: 4)
        Flatten()
        Dense(units: 2)
      }, seed: 1)
    var settings = TrainingSettings()
    (settings.batchSize, settings.shards) = (batch, shards)
    return IdleProcessors(
      network, settings: settings, samples: samples, threads: threads * ranks, ranks: ranks,
      isResumed: isResumed)
  }

  @Test(arguments: [(128, 8, 8), (128, 16, 16), (128, 64, 16), (2048, 256, 256), (7, 8, 1)])
  func whoHasWorkIsNotTold(batch: Int, shards: Int, threads: Int) throws {
    #expect(try idle(batch: batch, shards: shards, threads: threads) == nil)
    #expect(try idle(batch: batch, shards: shards, threads: threads + 1) != nil)
  }

  @Test func theSettingIsNamedThatGivesAllWork() throws {
    let found = try idle(batch: 128, threads: 16)
    #expect(found?.remedy == .shards(16))
    #expect(
      found?.description
        == "only 8 of 16 threads have work, as a batch of 128 falls into 8 shards; with shards: 16"
        + " all have (the last digits of the result follow from it)")
  }

  @Test func aSmallBatchBoundsWhatCanBeHad() throws {
    let found = try idle(batch: 80, threads: 16)
    #expect(found?.remedy == .shards(10))
    #expect(
      found?.description
        == "only 8 of 16 threads have work, as a batch of 80 falls into 8 shards; with shards: 10"
        + " that many have, the most that can with batches of 80 (the last digits of the result follow"
        + " from it)")
    // The largest setting, too.
    #expect(try idle(batch: 4096, threads: 300)?.remedy == .shards(256))
    #expect(
      try idle(batch: 4096, shards: 256, threads: 300)?.description
        == "only 256 of 300 threads have work, as a batch of 4096 falls into 256 shards, the most"
        + " there can be")
  }

  @Test func nothingButALargerBatchHelps() throws {
    let found = try idle(batch: 64, threads: 16)
    #expect(found?.remedy == .largerBatches)
    #expect(
      found?.description
        == "only 8 of 16 threads have work, as a batch of 64 falls into 8 shards; with batches of 128"
        + " and shards: 16 all have (the result follows from both)")
    #expect(
      try idle(batch: 64, shards: 16, threads: 16)?.description
        == "only 8 of 16 threads have work, as a batch of 64 falls into 8 shards; with batches of 128"
        + " all have (the result follows from their size)")
    #expect(
      try idle(batch: 15, threads: 2)?.description
        == "only 1 of 2 threads has work, as a batch of 15 is 1 shard; with batches of 16 all have (the"
        + " result follows from their size)")
    #expect(
      try idle(batch: 64, threads: 300)?.description.contains(
        "; with batches of 2048 and shards: 256 that many have, the most that can (") == true)
    // No batch is larger than the data.
    #expect(
      try idle(batch: 1000, threads: 16, samples: 64)?.description
        == "only 8 of 16 threads have work, as a batch of 64 falls into 8 shards, the most that 64"
        + " samples fall into")
    // What is told does give work.
    #expect(try idle(batch: 128, shards: 16, threads: 16) == nil)
  }

  // 4,194,320 floats of a gradient for each shard: eight fit the memory that is set aside.
  @Test func gradientsOfALargeNetworkBoundIt() throws {
    let found = try idle(batch: 512, threads: 16, filters: 4096)
    #expect(found?.remedy == IdleProcessors.Remedy.none)
    #expect(
      found?.description
        == "only 8 of 16 threads have work, as a batch of 512 falls into 8 shards, the most that"
        + " memory is set aside for")
    #expect(try idle(batch: 512, threads: 16, filters: 3000)?.remedy == .shards(10))
    #expect(
      try idle(batch: 64, threads: 16, filters: 4096)?.description
        == "only 8 of 16 threads have work, as a batch of 64 falls into 8 shards, the most that memory"
        + " is set aside for")
  }

  @Test func aRunThatHasBegunKeepsItsShards() throws {
    let found = try idle(batch: 128, threads: 16, isResumed: true)
    #expect(found?.remedy == .anotherRun)
    #expect(
      found?.description
        == "only 8 of 16 threads have work, as a batch of 128 falls into 8 shards, which is fixed for"
        + " this run")
  }

  @Test func ranksShareABatch() throws {
    #expect(try idle(batch: 128, threads: 2, ranks: 4) == nil)
    let found = try idle(batch: 128, threads: 2, ranks: 8)
    #expect(found?.remedy == .shards(16))
    #expect(
      found?.description
        == "only 8 of the 16 threads of 8 ranks have work, as a batch of 128 falls into 8 shards;"
        + " with shards: 16 all have (the last digits of the result follow from it)")
  }
}
