import CKernels

/// One batch on its way through a network and back; lives for one step.
struct BatchPass<Source: SampleSource> {
  let graph: Graph
  let plan: BatchPlan
  let arrays: Arrays
  let loss: any Loss
  /// What the loss of a class's samples is multiplied by; empty where all count alike.
  let classWeights: UnsafeBufferPointer<Float>
  let source: Source
  let numbers: UnsafeBufferPointer<Int32>
  /// With the samples' numbers, these determine the random choices.
  let seed: UInt64, epoch: Int
  let workspaces: UnsafeMutableBufferPointer<Workspace>
  let losses: UnsafeMutableBufferPointer<LossValue>
  /// A gradient for each shard of the variables that do not gather theirs.
  let shardGradients: ShardArrays
  let summaries: ShardArrays
  let shared: UnsafeMutablePointer<Float>
  let gathering: Gathering
  /// The gradient of the whole batch; the layers that gather write their part of it.
  let gradient: UnsafeMutablePointer<Float>
  /// Where the first number that is not finite is looked for, after a step that failed.
  let search: FaultSearch?

  var shards: Int { BatchPlan.shards(of: numbers.count) }

  /// Each shard by itself, chunk by chunk through the whole network and back.
  ///
  /// - Returns: the last wave, whose gathered gradients are still to be computed.
  func runChunks(on pool: ThreadPool) -> GatheredBatch {
    let waves = plan.waves(of: numbers.count)
    var gathered = gathering.batch(samples: 0)
    for wave in 0..<waves {
      gathered = gathering.batch(samples: plan.samples(inWave: wave, of: numbers.count))
      pool.run(shards, ChunkWork(pass: self, wave: wave, gathered: gathered))
      guard wave < waves - 1 else { break }
      pool.run(
        gathering.pieces, GatheredWork(gathered: gathered, adds: wave > 0, gradient: gradient))
    }
    return gathered
  }

  /// All shards side by side from one meeting layer to the next.
  func runMeeting(on pool: ThreadPool) -> GatheredBatch {
    let gathered = gathering.batch(samples: numbers.count)
    for stage in plan.forwardStages.indices {
      pool.run(shards, ForwardWork(pass: self, stage: stage))
      guard stage < plan.forwardStages.count - 1 else { break }
      join(at: plan.forwardStages[stage].upperBound, backwards: false)
    }
    for stage in plan.backwardStages.indices.reversed() {
      pool.run(shards, BackwardWork(pass: self, stage: stage, gathered: gathered))
      guard stage > 0 else { break }
      join(at: plan.backwardStages[stage].lowerBound - 1, backwards: true)
    }
    return gathered
  }

  fileprivate func runShard(
    _ shard: Int, worker: Int, wave: Int, gathered: GatheredBatch
  ) {
    let part = plan.part(of: shard, wave: wave, samples: numbers.count)
    let range = part.samples
    var sink = GradientSink(gradients: shardGradients[shard], gathered: gathered)
    if wave == 0 { zero(shard) }
    for first in stride(from: range.lowerBound, to: range.upperBound, by: plan.chunk) {
      sink.first = part.first + first - range.lowerBound
      let samples = first..<min(first + plan.chunk, range.upperBound)
      load(samples, into: &workspaces[worker], shard: shard)
      let mode = Mode.training(workspaces[worker].draw)
      let all = graph.nodes.indices
      workspaces[worker].forward(graph, nodes: all, arrays: arrays, mode: mode)
      takeLoss(&workspaces[worker], shard: shard)
      workspaces[worker].backward(graph, nodes: all, arrays: arrays, mode: mode, into: sink)
      search?.look(at: workspaces[worker], first: samples.lowerBound)
    }
  }

  fileprivate func runForward(_ shard: Int, stage: Int) {
    let nodes = plan.forwardStages[stage]
    if stage == 0 {
      zero(shard)
      load(BatchPlan.shard(shard, of: numbers.count), into: &workspaces[shard], shard: shard)
    }
    let mode = Mode.training(workspaces[shard].draw)
    workspaces[shard].forward(graph, nodes: nodes, arrays: arrays, mode: mode)
    if stage == plan.forwardStages.count - 1 {
      takeLoss(&workspaces[shard], shard: shard)
    } else {
      let meeting = graph.nodes[nodes.upperBound]
      meeting.batchWide?.summarize(
        workspaces[shard].activations[meeting.input], into: summaries[shard])
    }
  }

  fileprivate func runBackward(_ shard: Int, stage: Int, gathered: GatheredBatch) {
    let nodes = plan.backwardStages[stage]
    let mode = Mode.training(workspaces[shard].draw)
    workspaces[shard].backward(
      graph, nodes: nodes, arrays: arrays, mode: mode,
      into: GradientSink(
        gradients: shardGradients[shard], gathered: gathered,
        first: BatchPlan.shard(shard, of: numbers.count).lowerBound))
    if stage > 0 {
      summarizeGradient(at: nodes.lowerBound - 1, shard: shard)
    } else {
      search?.look(
        at: workspaces[shard], first: BatchPlan.shard(shard, of: numbers.count).lowerBound)
    }
  }

  private func zero(_ shard: Int) {
    mc_fill(shardGradients.length, 0, shardGradients[shard])
    losses[shard] = LossValue()
  }

  private func load(_ part: Range<Int>, into workspace: inout Workspace, shard: Int) {
    let numbers = UnsafeBufferPointer(rebasing: numbers[part])
    workspace.load(numbers, from: source, withTargets: true)
    // A ReLU, a maximum or a loss of one's own may hide what is not finite.
    if workspace.faultySample != nil || workspace.faultyTarget != nil { losses[shard].sum = .nan }
    workspace.draw.seed = seed
    workspace.draw.epoch = epoch
  }

  /// Adds the chunk's loss to its shard's, and leaves the gradient of the network's output.
  private func takeLoss(_ workspace: inout Workspace, shard: Int) {
    let output = workspace.activations.count - 1
    let gradient = workspace.gradients[output]?.mutablePointer()
    let batch = workspace.outputBatch, scale = 1 / Float(numbers.count)
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

  private func summarizeGradient(at number: Int, shard: Int) {
    let node = graph.nodes[number]
    guard let layer = node.batchWide, let dy = workspaces[shard].gradients[node.output] else {
      return
    }
    layer.summarizeGradient(
      dy, x: workspaces[shard].activations[node.input], into: summaries[shard],
      adding: Gradients(base: shardGradients[shard], offsets: graph.offsets[number]),
      weights: arrays.weights(graph, number))
  }

  private func join(at number: Int, backwards: Bool) {
    let target = shared + graph.sharedOffsets[number]
    withUnsafeTemporaryAllocation(of: ShardSummary.self, capacity: shards) { all in
      for shard in 0..<shards {
        all.initializeElement(
          at: shard,
          to: ShardSummary(
            samples: workspaces[shard].activations[0].samples,
            values: UnsafePointer(summaries[shard])))
      }
      if backwards {
        graph.nodes[number].batchWide?.joinGradients(UnsafeBufferPointer(all), into: target)
      } else {
        graph.nodes[number].batchWide?.join(UnsafeBufferPointer(all), into: target)
      }
    }
  }
}

private struct ChunkWork<Source: SampleSource>: PoolWork {
  let pass: BatchPass<Source>
  let wave: Int
  let gathered: GatheredBatch

  func perform(worker: Int, task: Int) {
    pass.runShard(task, worker: worker, wave: wave, gathered: gathered)
  }
}

private struct ForwardWork<Source: SampleSource>: PoolWork {
  let pass: BatchPass<Source>
  let stage: Int

  func perform(worker: Int, task: Int) { pass.runForward(task, stage: stage) }
}

private struct BackwardWork<Source: SampleSource>: PoolWork {
  let pass: BatchPass<Source>
  let stage: Int
  let gathered: GatheredBatch

  func perform(worker: Int, task: Int) {
    pass.runBackward(task, stage: stage, gathered: gathered)
  }
}

private struct GatheredWork: PoolWork {
  let gathered: GatheredBatch
  let adds: Bool
  let gradient: UnsafeMutablePointer<Float>

  func perform(worker: Int, task: Int) {
    _ = gathered.gradient(task, adds: adds, into: gradient)
  }
}
