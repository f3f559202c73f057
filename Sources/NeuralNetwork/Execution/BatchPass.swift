import CKernels

/// One batch on its way through a network and back; lives for one step.
struct BatchPass {
  let graph: Graph
  let plan: BatchPlan
  let arrays: Arrays
  let loss: Loss
  let pool: ThreadPool
  let workspaces: UnsafeMutableBufferPointer<Workspace>
  let losses: UnsafeMutableBufferPointer<Loss.Value>
  /// A gradient for each shard of the variables that do not gather theirs.
  let shardGradients: ShardArrays
  let summaries: ShardArrays
  let shared: UnsafeMutablePointer<Float>
  let gathering: Gathering
  /// The gradient of the whole batch, of which the layers that gather write their part.
  let gradient: UnsafeMutablePointer<Float>

  /// Each shard by itself, chunk by chunk through the whole network and back.
  ///
  /// - Returns: the last wave, whose gathered gradients are still to be computed.
  func runChunks(
    _ source: some SampleSource, _ numbers: UnsafeBufferPointer<Int32>, shards: Int, seed: UInt64,
    epoch: Int
  ) -> GatheredBatch {
    let all = graph.nodes.indices
    let waves = plan.waves(of: numbers.count)
    var gathered = gathering.batch(samples: 0)
    for wave in 0..<waves {
      gathered = gathering.batch(samples: plan.samples(inWave: wave, of: numbers.count))
      pool.run(shards) { worker, shard in
        let part = plan.part(of: shard, wave: wave, samples: numbers.count)
        let range = part.samples
        var sink = GradientSink(gradients: shardGradients[shard], gathered: gathered)
        if wave == 0 { zero(shard) }
        for first in stride(from: range.lowerBound, to: range.upperBound, by: plan.chunk) {
          let chunk = first..<min(first + plan.chunk, range.upperBound)
          sink.first = part.first + first - range.lowerBound
          load(source, numbers, chunk, seed: seed, epoch: epoch, into: &workspaces[worker])
          let mode = Mode.training(workspaces[worker].draw)
          workspaces[worker].forward(graph, nodes: all, arrays: arrays, mode: mode)
          takeLoss(&workspaces[worker], shard: shard, batch: numbers.count)
          workspaces[worker].backward(graph, nodes: all, arrays: arrays, mode: mode, into: sink)
        }
      }
      guard wave < waves - 1 else { break }
      pool.run(gathering.pieces) { _, piece in
        _ = gathered.gradient(piece, adds: wave > 0, into: gradient)
      }
    }
    return gathered
  }

  /// All shards side by side from one meeting layer to the next.
  func runMeeting(
    _ source: some SampleSource, _ numbers: UnsafeBufferPointer<Int32>, shards: Int, seed: UInt64,
    epoch: Int
  ) -> GatheredBatch {
    let gathered = gathering.batch(samples: numbers.count)
    for (stage, nodes) in plan.forwardStages.enumerated() {
      let isLast = stage == plan.forwardStages.count - 1
      pool.run(shards) { _, shard in
        if stage == 0 {
          let range = BatchPlan.shard(shard, of: numbers.count)
          zero(shard)
          load(source, numbers, range, seed: seed, epoch: epoch, into: &workspaces[shard])
        }
        let mode = Mode.training(workspaces[shard].draw)
        workspaces[shard].forward(graph, nodes: nodes, arrays: arrays, mode: mode)
        if isLast {
          takeLoss(&workspaces[shard], shard: shard, batch: numbers.count)
        } else {
          let input = workspaces[shard].activations[graph.nodes[nodes.upperBound].input]
          graph.nodes[nodes.upperBound].batchWide?.summarize(input, into: summaries[shard])
        }
      }
      if !isLast { join(at: nodes.upperBound, shards: shards, backwards: false) }
    }
    for stage in plan.backwardStages.indices.reversed() {
      let nodes = plan.backwardStages[stage]
      pool.run(shards) { _, shard in
        let mode = Mode.training(workspaces[shard].draw)
        workspaces[shard].backward(
          graph, nodes: nodes, arrays: arrays, mode: mode,
          into: GradientSink(
            gradients: shardGradients[shard], gathered: gathered,
            first: BatchPlan.shard(shard, of: numbers.count).lowerBound))
        if stage > 0 { summarizeGradient(at: nodes.lowerBound - 1, shard: shard) }
      }
      if stage > 0 { join(at: nodes.lowerBound - 1, shards: shards, backwards: true) }
    }
    return gathered
  }

  private func zero(_ shard: Int) {
    mc_fill(shardGradients.length, 0, shardGradients[shard])
    losses[shard] = Loss.Value()
  }

  private func load(
    _ source: some SampleSource, _ numbers: UnsafeBufferPointer<Int32>, _ part: Range<Int>,
    seed: UInt64, epoch: Int, into workspace: inout Workspace
  ) {
    workspace.load(UnsafeBufferPointer(rebasing: numbers[part]), from: source, withLabels: true)
    workspace.draw.seed = seed
    workspace.draw.epoch = epoch
  }

  /// Adds the chunk's loss to its shard's, and leaves the gradient of the network's output.
  private func takeLoss(_ workspace: inout Workspace, shard: Int, batch: Int) {
    let output = workspace.activations.count - 1
    losses[shard] += loss.evaluate(
      workspace.activations[output], labels: workspace.labels, scale: 1 / Float(batch),
      gradient: workspace.gradients[output]?.mutablePointer())
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

  private func join(at number: Int, shards: Int, backwards: Bool) {
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
