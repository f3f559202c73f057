/// The variables of a network in the layouts its loops want, renewed whenever they have changed.
final class PreparedWeights {
  private let graph: Graph
  private var values: Tensor

  init(_ graph: Graph) {
    self.graph = graph
    values = Tensor(samples: 1, shape: [graph.preparedCount])
  }

  /// Has every layer prepare its variables.
  func renew(_ network: Network, pool: ThreadPool) {
    let target = values.mutablePointer()
    let arrays = Arrays(
      variables: network.variables.pointer, prepared: UnsafePointer(target),
      shared: UnsafePointer(target))
    pool.run(graph.nodes.count) { _, number in
      guard let layer = graph.nodes[number].layer, layer.preparedCount > 0 else { return }
      layer.prepare(
        arrays.weights(graph, number), into: target + graph.preparedOffsets[number])
    }
  }

  /// The flat arrays of one pass. Valid while this object and the network live unchanged.
  func arrays(_ network: Network, shared: UnsafePointer<Float>? = nil) -> Arrays {
    Arrays(
      variables: network.variables.pointer, prepared: values.pointer,
      shared: shared ?? values.pointer)
  }
}

/// The flat arrays that a pass reads.
struct Arrays {
  let variables: UnsafePointer<Float>
  let prepared: UnsafePointer<Float>
  let shared: UnsafePointer<Float>

  /// The part of one node.
  func weights(_ graph: Graph, _ node: Int) -> Weights {
    Weights(
      base: variables, offsets: graph.offsets[node],
      prepared: prepared + graph.preparedOffsets[node],
      shared: shared + graph.sharedOffsets[node])
  }
}
