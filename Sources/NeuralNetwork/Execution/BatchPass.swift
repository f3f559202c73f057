import CKernels

/// One batch on its way through a network and back; lives for one step.
struct BatchPass {
  let graph: Graph
  let trainedCount: Int
  let arrays: Arrays
  let loss: Loss
  let pool: ThreadPool
  let chunk: Int
  let workspaces: UnsafeMutableBufferPointer<Workspace>
  let losses: UnsafeMutableBufferPointer<Loss.Value>
  let gradients: [UnsafeMutablePointer<Float>]
  let summaries: [UnsafeMutablePointer<Float>]
  let shared: UnsafeMutablePointer<Float>

  private var all: Range<Int> { 0..<graph.nodes.count }

  /// Each shard by itself, chunk by chunk through the whole network and back.
  func runChunks(
    _ source: some SampleSource, _ numbers: UnsafeBufferPointer<Int32>, shards: Int, seed: UInt64,
    epoch: Int
  ) {
    pool.run(shards) { worker, shard in
      let range = BatchPlan.shard(shard, of: numbers.count)
      zero(shard)
      for first in stride(from: range.lowerBound, to: range.upperBound, by: chunk) {
        let part = first..<min(first + chunk, range.upperBound)
        load(source, numbers, part, seed: seed, epoch: epoch, into: &workspaces[worker])
        let mode = Mode.training(workspaces[worker].draw)
        workspaces[worker].forward(graph, nodes: all, arrays: arrays, mode: mode)
        takeLoss(&workspaces[worker], shard: shard, batch: numbers.count)
        workspaces[worker].backward(
          graph, nodes: all, arrays: arrays, mode: mode, adding: gradients[shard])
      }
    }
  }

  /// All shards side by side from one meeting layer to the next.
  func runMeeting(
    _ source: some SampleSource, _ numbers: UnsafeBufferPointer<Int32>, shards: Int, seed: UInt64,
    epoch: Int
  ) {
    let meetings = all.filter { graph.nodes[$0].batchWide != nil }
    // Forwards a stage ends before a meeting layer, whose output needs what the shards join there.
    let forwards = zip([0] + meetings, meetings + [all.upperBound]).map { $0..<$1 }
    for (stage, nodes) in forwards.enumerated() {
      let isLast = stage == meetings.count
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
    // Backwards a stage ends behind a meeting layer, whose input gradient needs the same.
    let behind = meetings.map { $0 + 1 }
    let backwards = zip([0] + behind, behind + [all.upperBound]).map { $0..<$1 }
    for (stage, nodes) in backwards.enumerated().reversed() {
      pool.run(shards) { _, shard in
        let mode = Mode.training(workspaces[shard].draw)
        workspaces[shard].backward(
          graph, nodes: nodes, arrays: arrays, mode: mode, adding: gradients[shard])
        if stage > 0 { summarizeGradient(at: nodes.lowerBound - 1, shard: shard) }
      }
      if stage > 0 { join(at: nodes.lowerBound - 1, shards: shards, backwards: true) }
    }
  }

  private func zero(_ shard: Int) {
    mc_fill(trainedCount, 0, gradients[shard])
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
      adding: Gradients(base: gradients[shard], offsets: graph.offsets[number]),
      weights: arrays.weights(graph, number))
  }

  private func join(at number: Int, shards: Int, backwards: Bool) {
    let all = (0..<shards).map { shard in
      ShardSummary(
        samples: workspaces[shard].activations[0].samples, values: UnsafePointer(summaries[shard]))
    }
    let target = shared + graph.sharedOffsets[number]
    if backwards {
      graph.nodes[number].batchWide?.joinGradients(all, into: target)
    } else {
      graph.nodes[number].batchWide?.join(all, into: target)
    }
  }
}
