import Platform

/// Measures each layer by itself, forwards and backwards, on one thread.
package struct LayerTimer {
  /// The time that one layer takes for one sample.
  package struct Timing: Sendable {
    /// The layer, with the ones that are fused into it.
    package let node: Node
    /// Seconds forwards, the median of the rounds.
    package let forward: Double
    /// Seconds backwards, the median of the rounds.
    package let backward: Double
  }

  private let network: Network
  private let graph: Graph
  private let prepared: PreparedWeights
  private var workspace: Workspace
  private let batch: Int

  /// Prepares to measure on the samples with these numbers, which are processed at once, as a chunk
  /// of a batch is.
  ///
  /// - Parameter batch: the samples of a whole batch, over which layers that compute their gradient
  ///   from all of it spread that cost.
  package init(_ network: Network, _ source: some SampleSource, _ numbers: [Int32], batch: Int) {
    require(
      source.sampleShape == network.inputShape,
      "the network takes \(network.inputShape), the samples are \(source.sampleShape)")
    require(
      !numbers.isEmpty && batch >= numbers.count,
      "a chunk of \(numbers.count) of a batch of \(batch); expected 1 to \(batch)")
    self.network = network
    self.batch = batch
    graph = network.graph.fused(for: .training)
    prepared = PreparedWeights(graph)
    prepared.renew(network, pool: ThreadPool(threads: 1))
    workspace = Workspace(graph, capacity: numbers.count, trains: true)
    workspace.makeScratch(for: source)
    numbers.withUnsafeBufferPointer { workspace.load($0, from: source, withTargets: false) }
  }

  /// Times every layer, `rounds` times.
  package mutating func measure(rounds: Int) -> [Timing] {
    var gradient = Tensor(samples: 1, shape: [network.layout.trainedCount])
    let gathering = Gathering(graph, capacity: batch)
    let sink = GradientSink(
      gradients: gradient.mutablePointer(), gathered: gathering.batch(samples: batch))
    let shared = Tensor(samples: 1, shape: [graph.sharedCount])
    let arrays = prepared.arrays(network, shared: shared.pointer)
    let samples = Double(workspace.activations[0].samples)
    var forwards = graph.nodes.map { _ in [Double]() }
    var backwards = forwards
    // Where the shards of a batch meet, the statistics stay at 0, which does not change the time.
    let mode = Mode.training(workspace.draw)
    defer { withExtendedLifetime((gradient, shared, gathering)) {} }
    for _ in 0..<rounds {
      for node in graph.nodes.indices {
        let time = ContinuousClock().measure {
          workspace.forward(graph, nodes: node..<node + 1, arrays: arrays, mode: mode)
        }
        forwards[node].append(time / .seconds(1) / samples)
      }
      workspace.seedOutputGradient()
      for node in graph.nodes.indices.reversed() {
        let time = ContinuousClock().measure {
          workspace.backward(graph, nodes: node..<node + 1, arrays: arrays, mode: mode, into: sink)
        }
        let gathered = ContinuousClock().measure {
          sink.gathered.gradient(ofNode: node, into: sink.gradients)
        }
        backwards[node].append(
          time / .seconds(1) / samples + gathered / .seconds(1) / Double(batch))
      }
    }
    return graph.nodes.indices.map {
      Timing(node: graph.nodes[$0], forward: forwards[$0].median, backward: backwards[$0].median)
    }
  }
}

extension Workspace {
  /// Sets a gradient at the output, so that the backward pass has one to work on.
  fileprivate mutating func seedOutputGradient() {
    guard let last = gradients.indices.last, let count = gradients[last]?.count else { return }
    gradients[last]?.mutablePointer().update(repeating: 0.01, count: count)
  }
}

extension [Double] {
  /// The middle of the sorted values; 0 of none.
  package var median: Double {
    guard !isEmpty else { return 0 }
    let sorted = sorted()
    let middle = count / 2
    return count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
