import CKernels
import Platform

/// Computes the loss of a batch and its gradient, forwards and backwards, on all threads of a pool.
///
/// All memory is allocated with this object, except for a source's working memory
/// (``SampleSource/scratchCount``), which its first step allocates; further steps allocate none.
package final class GradientStep {
  /// The result of a step.
  package struct Result: Sendable {
    /// The loss and the correct answers of the batch, before any update.
    package var loss: LossValue
    /// The Euclidean norm of the gradient of the batch's mean loss.
    package var gradientNorm: Double
    /// What any rank asks for with this step.
    package var wishes: RankWishes = []
  }

  /// The gradient of the batch's mean loss, laid out as the trained variables are. Where ``isDivided``, other
  /// ranks' parts of it are missing until ``completeGradient()``.
  package private(set) var gradient: Tensor
  private var isGradientWhole = true
  let graph: Graph
  let plan: BatchPlan
  var workspaces: [Workspace]
  private let pool: ThreadPool
  private let prepared: PreparedWeights
  let loss: any Loss
  let classWeights: [Float]
  private let batch: Int
  private var shardGradients: Tensor
  private var shardLosses: [LossValue]
  private var summaries: Tensor
  var shared: Tensor
  private let gathering: Gathering
  private let shardedCount: Int
  private let ranks: RankPlan
  /// `nil` where this process is alone.
  private let exchange: StepExchange?
  private let layout: VariableLayout
  private var squares: [Double]
  private var passing: [PassingTensors]
  /// What looks at every chunk that the next step works on; the step keeps all of it.
  var search: FaultSearch?

  /// Allocates the memory for batches of at most `batch` samples.
  ///
  /// - Parameters:
  ///   - classWeights: what the loss of a class's samples is multiplied by, one for each output; empty
  ///     where all count alike.
  ///   - shards: into how many a batch falls.
  ///   - ranks: the processes that run the shards of every batch together.
  package convenience init(
    _ network: Network, loss: any Loss, classWeights: [Float] = [], batch: Int,
    shards: ShardRule = .standard, pool: ThreadPool, ranks: any Ranks = Alone.only
  ) {
    self.init(
      network, graph: network.graph.fused(for: .training), loss: loss, classWeights: classWeights,
      batch: batch, shards: shards, pool: pool, ranks: ranks)
  }

  /// The same, for a graph that computes the network.
  ///
  /// - Parameter keepsAll: whether all activations and their gradients are there after a step.
  init(
    _ network: Network, graph: Graph, loss: any Loss, classWeights: [Float] = [], batch: Int,
    shards rule: ShardRule = .standard, pool: ThreadPool, ranks: any Ranks = Alone.only,
    keepsAll: Bool = false
  ) {
    require(batch >= 1, "a batch has at least 1 sample, not \(batch)")
    require(
      classWeights.isEmpty || classWeights.count == network.outputShape.count,
      "\(classWeights.count) class weights for \(network.outputShape.count) outputs")
    let count = network.layout.trainedCount
    let shardedCount = network.layout.shardedCount
    let plan = BatchPlan(graph: graph, batch: batch, rule: rule, shardedCount: shardedCount)
    let rankPlan = RankPlan(ranks: ranks.count, batches: plan, shardedCount: shardedCount)
    self.ranks = rankPlan
    // A smaller batch never has more.
    let shards = rankPlan.mostShards(upTo: batch)
    self.graph = graph
    self.plan = plan
    self.pool = pool
    self.loss = loss
    self.classWeights = classWeights
    self.batch = batch
    prepared = PreparedWeights(graph)
    // Where shards meet, each keeps its activations until all have arrived; otherwise a thread can
    // use the same memory for one chunk after the other.
    let borrows = plan.meets && !keepsAll
    let stages = borrows ? plan.stages.passing(graph) : []
    workspaces = (0..<(plan.meets ? shards : pool.threads)).map { _ in
      Workspace(graph, capacity: plan.chunk, trains: true, passing: stages)
    }
    passing = (0..<(borrows ? min(pool.threads, shards) : 0)).map { _ in
      PassingTensors(graph, stages, capacity: plan.chunk)
    }
    gradient = Tensor(samples: 1, shape: [count])
    shardGradients = ShardArrays.makeTensor(shards: shards, length: shardedCount)
    shardLosses = [LossValue](repeating: LossValue(), count: plan.shards(of: batch))
    summaries = ShardArrays.makeTensor(
      shards: plan.shards(of: batch), length: graph.summaryCount)
    shared = Tensor(samples: 1, shape: [graph.sharedCount])
    gathering = Gathering(graph, capacity: plan.samples(inWave: 0, of: batch))
    exchange =
      ranks.count > 1 ? StepExchange(ranks, rankPlan, gathering) : nil
    self.shardedCount = shardedCount
    layout = network.layout
    exchange?.prepare(samples: batch, wave: 0, isLast: true)
    squares = [Double](
      repeating: 0, count: gathering.pieces + BatchPass.pieces(ofSum: shardedCount))
  }

  /// Makes room for what ranks exchange in a batch of another size, so that its step allocates nothing.
  package func makeRoom(samples: Int) {
    exchange?.prepare(samples: samples, wave: 0, isLast: true)
  }

  /// Whether there are large dense kernels of whose gradient several ranks have a part each.
  package var isDivided: Bool { exchange?.divided.isEmpty == false }

  /// What an update of the network on this rank goes through where each rank updates its own parts alone.
  package func dividedPlan(of network: Network) -> UpdatePlan {
    UpdatePlan(network, leavingOut: exchange?.foreignParts ?? [])
  }

  /// Makes an array whole, on every rank, of which each has updated what its ``dividedPlan(of:)`` says. All
  /// ranks call this alike.
  ///
  /// - Parameter values: begins with floats laid out as the trained variables are.
  package func complete(_ values: inout Tensor) throws(RanksError) {
    guard isDivided else { return }
    try exchange?.complete(values.mutablePointer())
  }

  /// Makes ``gradient`` whole on every rank, unless it is. All ranks call this alike.
  package func completeGradient() throws(RanksError) {
    guard !isGradientWhole else { return }
    try complete(&gradient)
    isGradientWhole = true
  }

  /// Computes the loss and ``gradient`` for the samples with these numbers.
  ///
  /// - Parameters:
  ///   - seed: determines dropout, with the epoch and the samples' numbers.
  ///   - wishes: what this rank asks of all.
  package func run(
    _ network: Network, _ source: any SampleSource, _ numbers: UnsafeBufferPointer<Int32>,
    seed: UInt64, epoch: Int, wishes: RankWishes = []
  ) throws(RanksError) -> Result {
    require(
      (1...batch).contains(numbers.count), "a batch of \(numbers.count), room for \(batch)")
    require(
      source.sampleShape == network.inputShape,
      "the network takes \(network.inputShape), the samples are \(source.sampleShape)")
    source.targets.verify(outputs: network.outputShape)
    layout.verify(network.layout)
    for i in workspaces.indices { workspaces[i].makeScratch(for: source) }
    prepared.renew(network, pool: pool)
    let shards = plan.shards(of: numbers.count)
    exchange?.wishes = wishes
    isGradientWhole = !isDivided
    let norm = try pass(network, source, numbers, seed: seed, epoch: epoch)
    let total = shardLosses[..<shards].reduce(into: LossValue()) { $0 += $1 }
    return Result(
      loss: total, gradientNorm: norm, wishes: exchange?.wishes ?? wishes)
  }

  /// Moves running statistics by one step, after ``run(_:_:_:seed:epoch:)``.
  package func updateStatistics(of network: inout Network) {
    guard plan.meets else { return }
    layout.verify(network.layout)
    graph.updateStatistics(of: &network, shared: shared.pointer)
  }

  /// The norm of the part of ``gradient``, which is whole, that belongs to each layer with trained variables.
  package func layerNorms(_ network: Network) -> [(layer: String, norm: Double)] {
    layout.verify(network.layout)
    var sums = [Double](repeating: 0, count: network.nodes.count)
    for entry in network.layout.entries where entry.isTrained {
      let values = UnsafeBufferPointer(
        start: gradient.pointer + entry.offset, count: entry.range.count)
      sums[entry.node] += values.reduce(0) { $0 + Double($1) * Double($1) }
    }
    return zip(network.nodes, sums).filter { $0.0.layer?.variables.isEmpty == false }
      .map { ($0.name, $1.squareRoot()) }
  }

  /// Returns the gradient's norm.
  private func pass(
    _ network: Network, _ source: any SampleSource, _ numbers: UnsafeBufferPointer<Int32>,
    seed: UInt64, epoch: Int
  ) throws(RanksError) -> Double {
    let shared = shared.mutablePointer()
    let shardGradients = ShardArrays(&shardGradients), summaries = ShardArrays(&summaries)
    let gradient = gradient.mutablePointer()
    return try classWeights.withUnsafeBufferPointer { classWeights throws(RanksError) in
      try workspaces.withUnsafeMutableBufferPointer { workspaces throws(RanksError) in
        try shardLosses.withUnsafeMutableBufferPointer { losses throws(RanksError) in
          try squares.withUnsafeMutableBufferPointer { squares throws(RanksError) in
            try passing.withUnsafeMutableBufferPointer { passing throws(RanksError) in
              let staged = StagedPass(
                graph: graph, stages: plan.stages,
                arrays: prepared.arrays(network, shared: UnsafePointer(shared)),
                workspaces: workspaces, samples: plan.sizes(of: numbers.count),
                own: ranks.shards(of: exchange?.rank ?? 0, samples: numbers.count),
                summaries: summaries, shared: shared)
              return try BatchPass(
                plan: plan, staged: staged, loss: loss, classWeights: classWeights, source: source,
                numbers: numbers, seed: seed, epoch: epoch, exchange: exchange, losses: losses,
                shardGradients: shardGradients, shardedCount: shardedCount, gathering: gathering,
                passing: passing, gradient: gradient, squares: squares, search: search
              ).run(on: pool)
            }
          }
        }
      }
    }
  }
}
