import Platform

/// Runs a network on one batch, forwards and backwards, and lets every layer be inspected.
///
/// For those who want to see what a layer does: the activations a ReLU masks, the position of a
/// window's maximum, the gradient that arrives there. One thread, and nothing is updated.
public struct Probe {
  /// The network that is inspected.
  public private(set) var network: Network
  private let prepared: PreparedWeights
  private(set) var workspace: Workspace
  private var summaries: Tensor
  private var shared: Tensor
  private var mode = Mode.inference
  private var hasOutput = false

  /// Allocates the memory for batches of at most `batch` samples.
  public init(_ network: Network, batch: Int) {
    self.network = network
    prepared = PreparedWeights(network.graph)
    prepared.renew(network, pool: ThreadPool(threads: 1))
    workspace = Workspace(network.graph, capacity: batch, trains: true, withInputGradient: true)
    summaries = ShardArrays.makeTensor(shards: 1, length: network.graph.summaryCount)
    shared = Tensor(samples: 1, shape: [network.graph.sharedCount])
  }

  /// Runs the batch `x` `[N, inputShape]` forwards; returns the output `[N, outputShape]`.
  public mutating func forward(_ x: Tensor, mode: Mode = .inference) -> Tensor {
    require(
      x.shape == network.inputShape, "the network takes \(network.inputShape), not \(x.shape)")
    return forward([x], mode: mode)
  }

  /// The same for a network whose first activations, one for each of `inputs`, are all read from outside
  /// (``Network/init(node:of:)``).
  mutating func forward(_ inputs: [Tensor], mode: Mode) -> Tensor {
    self.mode = mode
    workspace.resize(samples: inputs[0].samples)
    for (number, x) in inputs.enumerated() {
      workspace.activations[number].mutablePointer().update(from: x.pointer, count: x.count)
    }
    withPass { pass in
      pass.forward { stage in pass.forward(0, stage: stage, mode: mode) }
    }
    hasOutput = true
    return workspace.activations[network.nodes[network.nodes.count - 1].output]
  }

  /// Runs the gradient `dy` `[N, outputShape]` of the last output backwards.
  ///
  /// - Returns: the gradient of the input, and that of each trained variable in the order of the
  ///   layout's entries.
  public mutating func backward(_ dy: Tensor) -> (input: Tensor, variables: [[Float]]) {
    backward(dy, onto: 0)
  }

  /// The same, where the gradients of all variables are `start` before, which stays in them. Those of layers
  /// that gather (``GatheringLayer``) are overwritten, as they say.
  mutating func backward(
    _ dy: Tensor, onto start: Float
  ) -> (input: Tensor, variables: [[Float]]) {
    let output = network.nodes[network.nodes.count - 1].output
    require(hasOutput, "backward comes after forward, which has not been called")
    require(
      dy.shape == network.outputShape && dy.samples == workspace.activations[0].samples,
      "the last output was \(workspace.activations[0].samples) × \(network.outputShape), the gradient"
        + " is \(dy.samples) × \(dy.shape)")
    var gradient = Tensor(samples: 1, shape: [network.layout.trainedCount])
    gradient.mutablePointer().update(repeating: start, count: gradient.count)
    workspace.gradients[output]?.mutablePointer().update(from: dy.pointer, count: dy.count)
    let gathering = Gathering(network.graph, capacity: dy.samples)
    let sink = GradientSink(
      gradients: gradient.mutablePointer(), gathered: gathering.batch(samples: dy.samples))
    let mode = mode
    withPass { pass in
      pass.backward { stage in pass.backward(0, stage: stage, mode: mode, into: sink) }
    }
    for piece in 0..<gathering.pieces {
      _ = sink.gathered.gradient(piece, adds: false, into: sink.gradients)
    }
    withExtendedLifetime(gathering) {}
    let values = network.layout.entries.filter { $0.isTrained }.map { entry in
      Array(UnsafeBufferPointer(start: gradient.pointer + entry.offset, count: entry.range.count))
    }
    return (workspace.gradients[0] ?? Tensor(samples: 0, shape: network.inputShape), values)
  }

  /// Sets one number of the network's variables, by its position in ``Network/variables``.
  mutating func setVariable(_ position: Int, to value: Float) {
    network.variables[position] = value
    prepared.renew(network, pool: ThreadPool(threads: 1))
  }

  /// Fills what the next backward pass has to overwrite with NaN, and with `outputs` what the next forward
  /// pass has to.
  mutating func spoil(outputs: Bool) {
    for number in workspace.activations.indices.dropFirst() where outputs {
      let count = workspace.activations[number].count
      workspace.activations[number].mutablePointer().update(repeating: .nan, count: count)
    }
    for number in workspace.gradients.indices {
      let count = workspace.gradients[number]?.count ?? 0
      workspace.gradients[number]?.mutablePointer().update(repeating: .nan, count: count)
    }
  }

  /// The output of a layer in the last forward pass, `[N, its output shape]`.
  public func output(of layer: String) -> Tensor? {
    node(layer).map { workspace.activations[$0.output] }
  }

  /// The gradient of a layer's output, from the last backward pass.
  public func outputGradient(of layer: String) -> Tensor? {
    node(layer).flatMap { workspace.gradients[$0.output] }
  }

  /// Where in its window each maximum of a max pooling was in the last forward pass: row · width
  /// + column, `[N, its output shape]`.
  public func argmax(of layer: String) -> [Int]? {
    guard let number = network.nodes.firstIndex(where: { $0.name == layer }) else { return nil }
    let arrays = network.nodes[number].layer?.cached ?? []
    guard let index = arrays.firstIndex(where: { $0.name == "argmax" }) else { return nil }
    let count = workspace.activations[network.nodes[number].output].count
    let cache = workspace.caches[number]
    return arrays[index].element == .byte
      ? (0..<count).map { Int(cache.bytes(index)[$0]) }
      : (0..<count).map { Int(cache.indices(index)[$0]) }
  }

  /// The running statistics that a training step on the last batch would leave, by entry.
  public func updatedStatistics() -> Network {
    var copy = network
    network.graph.updateStatistics(of: &copy, shared: shared.pointer)
    return copy
  }

  private func node(_ name: String) -> Node? { network.nodes.first { $0.name == name } }

  /// There is one shard, which is the whole batch.
  private mutating func withPass(_ body: (StagedPass) -> Void) {
    let graph = network.graph
    let stages: Stages
    switch mode {
    case .training: stages = Stages(graph)
    case .inference: stages = .inference(graph)
    }
    let shared = shared.mutablePointer()
    let arrays = prepared.arrays(network, shared: shared)
    let summaries = ShardArrays(&summaries)
    let samples = ShardSizes(of: workspace.activations[0].samples, ShardRule(most: 1))
    withUnsafeMutablePointer(to: &workspace) { workspace in
      body(
        StagedPass(
          graph: graph, stages: stages, arrays: arrays,
          workspaces: UnsafeMutableBufferPointer(start: workspace, count: 1), samples: samples,
          own: 0..<1, summaries: summaries, shared: shared))
    }
  }
}
