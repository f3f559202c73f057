import CKernels

/// One batch on its way through a network and back, to the gradient of its loss; lives for one step.
struct BatchPass {
  let plan: BatchPlan
  let staged: StagedPass
  let loss: any Loss
  /// What the loss of a class's samples is multiplied by; empty where all count alike.
  let classWeights: UnsafeBufferPointer<Float>
  let source: any SampleSource
  let numbers: UnsafeBufferPointer<Int32>
  /// With the samples' numbers, these determine the random choices.
  let seed: UInt64, epoch: Int
  /// What is sent to other processes that run other shards of the batch; `nil` where there are none.
  let exchange: StepExchange?
  /// The loss of each shard.
  let losses: UnsafeMutableBufferPointer<LossValue>
  /// A gradient for each of the own shards of the variables that do not gather theirs.
  let shardGradients: ShardArrays
  /// The floats of each of those.
  let shardedCount: Int
  let gathering: Gathering
  /// For each thread, or each shard where these are fewer, what the activations and gradients of a stage go into
  /// that nothing after it reads; empty where no shards meet, and where everything is kept.
  let passing: UnsafeMutableBufferPointer<PassingTensors>
  /// The gradient of the whole batch.
  let gradient: UnsafeMutablePointer<Float>
  /// The sum of squares of each piece of it.
  let squares: UnsafeMutableBufferPointer<Double>
  /// Where the first number that is not finite is looked for, after a step that failed.
  let search: FaultSearch?

  /// Leaves the losses of all shards and the gradient.
  ///
  /// - Returns: the gradient's norm.
  func run(on pool: ThreadPool) throws(RanksError) -> Double {
    let gathered = plan.meets ? try runStages(on: pool) : try runChunks(on: pool)
    if let exchange { return try sumGradients(gathered, over: exchange, on: pool) }
    return sumGradients(gathered, on: pool)
  }

  /// The shards that this process runs.
  var own: Range<Int> { staged.own }

  /// Each shard by itself, chunk by chunk through the whole network and back.
  ///
  /// - Returns: the last wave, whose gathered gradients are still to be computed.
  private func runChunks(on pool: ThreadPool) throws(RanksError) -> GatheredBatch {
    let waves = plan.waves(of: numbers.count)
    var gathered = gathering.batch(samples: 0)
    for wave in 0..<waves {
      gathered = gathering.batch(samples: plan.samples(inWave: wave, of: numbers.count))
      pool.run(own.count, with: (pass: self, wave: wave, gathered: gathered)) {
        context, worker, task in
        context.pass.runChunks(
          of: context.pass.own.lowerBound + task, worker: worker, wave: context.wave,
          gathered: context.gathered)
      }
      guard wave < waves - 1 else { break }
      try exchange?.meet(gathered, wave: wave, of: numbers.count)
      list(gathered, on: pool)
      let pieces = exchange?.ownPieces ?? 0..<gathering.pieces
      pool.run(
        pieces.count,
        with: (gathered: gathered, first: pieces.lowerBound, adds: wave > 0, gradient: gradient)
      ) { context, _, task in
        _ = context.gathered.gradient(
          context.first + task, adds: context.adds, into: context.gradient)
      }
    }
    return gathered
  }

  /// All shards side by side, each as a whole, from one layer where they meet to the next.
  ///
  /// The shards that a stage comes to last are the first ones of the next: a part of them is still in the
  /// cache that the cores share.
  private func runStages(on pool: ThreadPool) throws(RanksError) -> GatheredBatch {
    let gathered = gathering.batch(samples: numbers.count)
    let perShard = passing.count < pool.threads
    try staged.forward { stage throws(RanksError) in
      pool.run(own.count, with: (pass: self, stage: stage, perShard: perShard)) {
        context, worker, task in
        let shards = context.pass.own.count
        let shard = context.stage % 2 == 0 ? task : shards - 1 - task
        context.pass.runForward(
          shard, stage: context.stage, slot: context.perShard ? shard : worker)
      }
      if stage < plan.stages.last {
        try exchange?.share(staged.summaries, samples: numbers.count)
      }
    }
    try staged.backward { stage throws(RanksError) in
      pool.run(
        own.count, with: (pass: self, stage: stage, perShard: perShard, gathered: gathered)
      ) { context, worker, task in
        let shards = context.pass.own.count
        let shard = context.stage % 2 == 1 ? task : shards - 1 - task
        context.pass.runBackward(
          shard, stage: context.stage, slot: context.perShard ? shard : worker,
          gathered: context.gathered)
      }
      if stage > 0 { try exchange?.share(staged.summaries, samples: numbers.count) }
    }
    return gathered
  }

  private func runChunks(of shard: Int, worker: Int, wave: Int, gathered: GatheredBatch) {
    let part = plan.part(of: shard, wave: wave, samples: numbers.count)
    let range = part.samples
    var sink = GradientSink(
      gradients: shardGradients[shard - own.lowerBound], gathered: gathered)
    if wave == 0 { zero(shard) }
    for first in stride(from: range.lowerBound, to: range.upperBound, by: plan.chunk) {
      sink.first = part.first + first - range.lowerBound
      load(first..<min(first + plan.chunk, range.upperBound), into: worker, shard: shard)
      let mode = mode(worker)
      staged.forward(worker, stage: 0, mode: mode)
      addLoss(worker, shard: shard)
      staged.backward(worker, stage: 0, mode: mode, into: sink)
      search?.look(at: staged.workspaces[worker], first: first)
    }
  }

  /// - Parameter index: the shard's number among the own ones.
  private func runForward(_ index: Int, stage: Int, slot: Int) {
    let shard = own.lowerBound + index
    if stage == 0 {
      zero(shard)
      load(plan.shard(shard, of: numbers.count), into: index, shard: shard)
    }
    borrowing(slot, for: index, stage: stage, gradients: false) { _ in
      staged.forward(index, stage: stage, mode: mode(index))
    }
    if stage == plan.stages.last { addLoss(index, shard: shard) }
  }

  private func runBackward(_ index: Int, stage: Int, slot: Int, gathered: GatheredBatch) {
    let first = plan.shard(own.lowerBound + index, of: numbers.count).lowerBound
    borrowing(slot, for: index, stage: stage, gradients: true) { passing in
      if let passing { staged.recompute(index, passing, mode: mode(index)) }
      staged.backward(
        index, stage: stage, mode: mode(index),
        into: GradientSink(gradients: shardGradients[index], gathered: gathered, first: first))
    }
    if stage == 0 { search?.look(at: staged.workspaces[index], first: first) }
  }

  /// Lends a shard's workspace what passes within a stage, where that is not kept.
  private func borrowing(
    _ slot: Int, for index: Int, stage: Int, gradients: Bool, _ body: (PassingStage?) -> Void
  ) {
    guard !passing.isEmpty else { return body(nil) }
    staged.workspaces[index].exchange(&passing[slot], stage: stage, gradients: gradients)
    body(passing[slot].stages[stage])
    staged.workspaces[index].exchange(&passing[slot], stage: stage, gradients: gradients)
  }

  private func mode(_ workspace: Int) -> Mode { .training(staged.workspaces[workspace].draw) }

  private func zero(_ shard: Int) {
    mc_fill(shardGradients.length, 0, shardGradients[shard - own.lowerBound])
    losses[shard] = LossValue()
  }

  /// Fetches a part of the batch.
  private func load(_ part: Range<Int>, into index: Int, shard: Int) {
    let numbers = UnsafeBufferPointer(rebasing: numbers[part])
    staged.workspaces[index].load(numbers, from: source, withTargets: true)
    // A ReLU, a maximum or a loss of one's own may hide what is not finite.
    if staged.workspaces[index].faultySample != nil
      || staged.workspaces[index].faultyTarget != nil
    {
      losses[shard].sum = .nan
    }
    staged.workspaces[index].draw.seed = seed
    staged.workspaces[index].draw.epoch = epoch
  }

  /// Adds a workspace's loss to its shard's, and leaves the gradient of the network's output.
  private func addLoss(_ index: Int, shard: Int) {
    let output = staged.graph.output
    let gradient = staged.workspaces[index].gradients[output]?.mutablePointer()
    let batch = staged.workspaces[index].outputBatch, scale = 1 / Float(numbers.count)
    if classWeights.isEmpty {
      losses[shard].sum += loss.evaluate(batch, scale: scale, gradient: gradient)
    } else {
      for n in 0..<batch.samples {
        let weight = classWeights[batch.largestTarget(of: n)]
        losses[shard].sum +=
          Double(weight)
          * loss.evaluate(
            batch.sample(n), scale: weight * scale, gradient: gradient.map { $0 + n * batch.width })
      }
    }
    losses[shard].samples += batch.samples
    if source.targets == .classes { losses[shard].correct += batch.correct }
  }
}
