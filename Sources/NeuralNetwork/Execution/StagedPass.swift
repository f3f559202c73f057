/// The shards of a batch on their way through a network and back, in stages, between which they meet.
///
/// At a layer that depends on the whole batch (``BatchWideLayer``) each shard ends a stage with a summary
/// of its part, all summaries are joined, and the next stage continues with the common result.
struct StagedPass {
  let graph: Graph
  let stages: Stages
  let arrays: Arrays
  /// One for each of the process's own shards, where they meet; otherwise those of the threads that take
  /// one shard after the other.
  let workspaces: UnsafeMutableBufferPointer<Workspace>
  /// The numbers of samples of the shards that meet.
  let samples: ShardSizes
  /// The shards that this process runs.
  let own: Range<Int>
  /// A summary for each shard.
  let summaries: ShardArrays
  /// What the shards have in common, for all layers that depend on the whole batch.
  let shared: UnsafeMutablePointer<Float>

  /// Goes forwards from the first stage to the last.
  ///
  /// - Parameter run: has every shard run a stage (``forward(_:stage:mode:)``).
  func forward<Failure: Error>(_ run: (_ stage: Int) throws(Failure) -> Void) throws(Failure) {
    for stage in stages.forward.indices {
      try run(stage)
      guard stage < stages.last else { return }
      let number = stages.forward[stage].upperBound
      withSummaries {
        graph.nodes[number].batchWide?.join($0, into: shared + graph.sharedOffsets[number])
      }
    }
  }

  /// Goes backwards from the last stage to the first.
  ///
  /// - Parameter run: has every shard run a stage (``backward(_:stage:mode:into:)``).
  func backward<Failure: Error>(_ run: (_ stage: Int) throws(Failure) -> Void) throws(Failure) {
    for stage in stages.backward.indices.reversed() {
      try run(stage)
      guard stage > 0 else { return }
      let number = stages.backward[stage].lowerBound - 1
      withSummaries {
        graph.nodes[number].batchWide?.joinGradients($0, into: shared + graph.sharedOffsets[number])
      }
    }
  }

  /// Runs a stage forwards in one workspace; where shards meet after it, it is that of the own shard with
  /// this number among them.
  func forward(_ index: Int, stage: Int, mode: Mode) {
    let nodes = stages.forward[stage]
    workspaces[index].forward(graph, nodes: nodes, arrays: arrays, mode: mode)
    guard stage < stages.last else { return }
    let next = graph.nodes[nodes.upperBound]
    next.batchWide?.summarize(
      workspaces[index].activations[next.input], into: summaries[own.lowerBound + index])
  }

  /// Computes again what a stage's nodes read and no memory kept.
  func recompute(_ index: Int, _ stage: PassingStage, mode: Mode) {
    for number in stage.recomputed {
      workspaces[index].forward(graph, nodes: number..<(number + 1), arrays: arrays, mode: mode)
    }
  }

  /// Runs a stage backwards in one workspace.
  func backward(_ index: Int, stage: Int, mode: Mode, into sink: GradientSink) {
    let nodes = stages.backward[stage]
    workspaces[index].backward(graph, nodes: nodes, arrays: arrays, mode: mode, into: sink)
    guard stage > 0 else { return }
    let number = nodes.lowerBound - 1
    let next = graph.nodes[number]
    guard let layer = next.batchWide, let dy = workspaces[index].gradients[next.output] else {
      return
    }
    layer.summarizeGradient(
      dy, x: workspaces[index].activations[next.input], into: summaries[own.lowerBound + index],
      adding: Gradients(base: sink.gradients, offsets: graph.offsets[number]),
      weights: arrays.weights(graph, number), cache: workspaces[index].caches[number], mode: mode)
  }

  /// Passes on the summaries of all shards, in their order.
  private func withSummaries(_ body: (UnsafeBufferPointer<ShardSummary>) -> Void) {
    withUnsafeTemporaryAllocation(of: ShardSummary.self, capacity: samples.count) { all in
      for shard in 0..<samples.count {
        all.initializeElement(
          at: shard,
          to: ShardSummary(samples: samples[shard], values: UnsafePointer(summaries[shard])))
      }
      body(UnsafeBufferPointer(all))
    }
  }
}

/// The nodes between two layers that depend on the whole batch.
///
/// Forwards a stage ends before such a layer, whose output needs what the shards join there; backwards
/// after it, because its input's gradient needs the same.
struct Stages: Sendable {
  let forward: [Range<Int>], backward: [Range<Int>]

  /// The stages of a training pass.
  init(_ graph: Graph) {
    self.init(graph, before: graph.nodes.indices.filter { graph.nodes[$0].batchWide != nil })
  }

  /// A single stage: no layer depends on the whole batch outside of training.
  static func inference(_ graph: Graph) -> Stages { Stages(graph, before: []) }

  private init(_ graph: Graph, before layers: [Int]) {
    let end = graph.nodes.count
    let after = layers.map { $0 + 1 }
    forward = zip([0] + layers, layers + [end]).map { $0..<$1 }
    backward = zip([0] + after, after + [end]).map { $0..<$1 }
  }

  /// The number of the last stage.
  var last: Int { forward.count - 1 }
}

extension Graph {
  /// The floats of the longest summary.
  var summaryCount: Int { nodes.compactMap { $0.batchWide?.summaryCount }.max() ?? 0 }

  /// Moves a network's running statistics by one step.
  ///
  /// - Parameter shared: what the shards of the step had in common.
  func updateStatistics(of network: inout Network, shared: UnsafePointer<Float>) {
    let variables = network.variables.mutablePointer()
    for (number, node) in nodes.enumerated() {
      node.batchWide?.updateStatistics(
        shared + sharedOffsets[number], variables: { variables + offsets[number][$0] })
    }
  }
}
