import CKernels

/// Where numbers stopped being finite in a step.
public struct NumericFault: Error, Equatable, Sendable {
  /// What was not finite first.
  public enum Quantity: String, Sendable {
    /// The layer's input variables.
    case weights = "weights"
    /// What the layer computed forwards.
    case output = "output"
    /// What it computed backwards.
    case gradient = "gradient"
    /// The loss itself, of a finite output.
    case loss = "loss"
  }

  /// The layer where it began.
  public let layer: String
  /// What was not finite there.
  public let quantity: Quantity
  /// The largest magnitude among the layer's finite inputs, a hint at the cause; 0 where the
  /// weights themselves are not finite.
  public let largestInput: Float
}

extension GradientStep {
  /// Finds where the numbers of the last step stopped being finite.
  ///
  /// The step is repeated layer by layer on one thread, sample chunk by sample chunk, because a
  /// thread's memory holds only the last chunk it worked on.
  package func findFault(
    _ network: Network, _ source: some SampleSource, _ numbers: UnsafeBufferPointer<Int32>,
    loss: any Loss, seed: UInt64, epoch: Int
  ) -> NumericFault? {
    // Weights first: they were read before anything was computed. Gradients arrive from the last
    // layer, so the last broken one broke first.
    for entry in network.layout.entries.reversed() {
      let values = network.variables.pointer + entry.offset
      if !mc_largest_magnitude(entry.range.count, values).isFinite {
        return NumericFault(
          layer: network.nodes[entry.node].name, quantity: .weights, largestInput: 0)
      }
    }
    // The largest magnitude of each activation, over all shards.
    var largest = [Float](repeating: 0, count: network.nodes.count + 1)
    for shard in 0..<BatchPlan.shards(of: numbers.count) {
      let range = BatchPlan.shard(shard, of: numbers.count)
      let single = GradientStep(
        network, graph: network.graph, loss: loss, batch: plan.meets ? numbers.count : range.count,
        pool: ThreadPool(threads: 1))
      let part = plan.meets ? numbers : UnsafeBufferPointer(rebasing: numbers[range])
      _ = single.run(network, source, part, seed: seed, epoch: epoch)
      for workspace in single.workspaces {
        if let fault = workspace.firstFault(network) { return fault }
        for i in largest.indices { largest[i] = max(largest[i], workspace.activations[i].largest) }
      }
    }
    return lateFault(network, largest)
  }

  /// A fault that no activation shows: a sum over samples that is too large, of gradients of a
  /// variable or of losses.
  private func lateFault(_ network: Network, _ largest: [Float]) -> NumericFault? {
    for entry in network.layout.entries.reversed() where entry.variable.role != .statistic {
      let values = gradient.pointer + entry.offset
      if !mc_largest_magnitude(entry.range.count, values).isFinite {
        let node = network.nodes[entry.node]
        return NumericFault(
          layer: node.name, quantity: .gradient, largestInput: largest[node.input])
      }
    }
    return network.nodes.last.map {
      NumericFault(layer: $0.name, quantity: .loss, largestInput: largest[$0.output])
    }
  }
}

extension Workspace {
  fileprivate func firstFault(_ network: Network) -> NumericFault? {
    for node in network.nodes where !activations[node.output].largest.isFinite {
      return NumericFault(
        layer: node.name, quantity: .output, largestInput: activations[node.input].largest)
    }
    for node in network.nodes.reversed() {
      if let gradient = gradients[node.output], !gradient.largest.isFinite {
        return NumericFault(
          layer: node.name, quantity: .gradient, largestInput: activations[node.input].largest)
      }
    }
    return nil
  }
}

extension Tensor {
  /// The largest magnitude; NaN counts as more than infinity.
  fileprivate var largest: Float { mc_largest_magnitude(count, pointer) }
}
