/// The variables of a network in the layouts its loops want, prepared anew whenever they have
/// changed.
final class PreparedWeights {
  private let graph: Graph
  private let pieces: [(node: Int, piece: Int)]
  private var values: Tensor

  init(_ graph: Graph) {
    self.graph = graph
    pieces = graph.nodes.enumerated().flatMap { number, node in
      (0..<(node.layer?.preparedPieces ?? 0)).map { (node: number, piece: $0) }
    }.filter { (graph.nodes[$0.node].layer?.preparedCount ?? 0) > 0 }
    values = Tensor(samples: 1, shape: [graph.preparedCount])
  }

  /// Has every layer prepare its variables.
  func renew(_ network: Network, pool: ThreadPool) {
    let target = values.mutablePointer()
    let arrays = Arrays(
      variables: network.variables.pointer, prepared: UnsafePointer(target),
      shared: UnsafePointer(target))
    pool.run(pieces.count, with: (graph, pieces, arrays, target)) { context, _, task in
      let (graph, pieces, arrays, target) = context
      let (node, piece) = pieces[task]
      graph.nodes[node].layer?.prepare(
        arrays.weights(graph, node), piece: piece, into: target + graph.preparedOffsets[node])
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
