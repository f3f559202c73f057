/// Room for what the chunks of a batch leave for the layers that compute their gradient from all of
/// it (``GatheringLayer``).
final class Gathering {
  private let graph: Graph
  let layout: GatheringLayout
  private var values: Tensor

  /// Makes room for this many samples.
  init(_ graph: Graph, capacity: Int) {
    self.graph = graph
    layout = GatheringLayout(graph, capacity: capacity)
    values = Tensor(samples: 1, shape: [layout.count])
  }

  /// The pieces of all layers' gradients.
  var pieces: Int { layout.pieces.count }
  /// The pieces in which all layers go through what was gathered before that.
  var lists: Int { layout.lists.count }

  /// A batch to be gathered. Valid while this object lives.
  func batch(samples: Int) -> GatheredBatch {
    GatheredBatch(
      graph: graph, layout: layout, base: values.mutablePointer(), samples: samples)
  }
}

/// Where each layer's part of a gathering is, and the order of the pieces of their gradients.
final class GatheringLayout: Sendable {
  let offsets: [Int]
  let count: Int
  let pieces: [(node: Int, piece: Int)]
  let lists: [(node: Int, piece: Int)]
  /// The pieces of each node.
  let ranges: [Range<Int>]

  init(_ graph: Graph, capacity: Int) {
    let layers = graph.nodes.map(\.gathering)
    var position = 0
    offsets = layers.map { layer in
      defer { position += (layer?.gatheredCount(batch: capacity) ?? 0).roundedUpToLine }
      return position
    }
    count = position
    let pieces = layers.enumerated().flatMap { node, layer in
      (0..<(layer?.gradientPieces ?? 0)).map { (node: node, piece: $0) }
    }
    self.pieces = pieces
    lists = layers.enumerated().flatMap { node, layer in
      (0..<(layer?.listPieces ?? 0)).map { (node: node, piece: $0) }
    }
    ranges = layers.indices.map { node in
      let first = pieces.firstIndex { $0.node == node } ?? 0
      return first..<first + (layers[node]?.gradientPieces ?? 0)
    }
  }
}

/// One batch, or the part of a large one that is worked on at once, as it is gathered.
struct GatheredBatch {
  let graph: Graph
  let layout: GatheringLayout
  let base: UnsafeMutablePointer<Float>
  let samples: Int

  /// Keeps what a node's gradient needs of a chunk that starts at sample `first`, if the node's
  /// gradient waits for all chunks.
  func gather(_ dy: Tensor, x: Tensor, of node: Int, first: Int) {
    graph.nodes[node].gathering?.gather(
      dy, x: x, first: first, batch: samples, into: base + layout.offsets[node])
  }

  /// Goes through one piece of what was gathered, before the gradient is computed.
  func list(_ number: Int) {
    let (node, piece) = layout.lists[number]
    graph.nodes[node].gathering?.list(
      piece: piece, batch: samples, in: base + layout.offsets[node])
  }

  /// Computes one piece of the gradient, overwriting its part of `gradient` or adding to it; returns
  /// the sum of that part's squares.
  func gradient(_ number: Int, adds: Bool, into gradient: UnsafeMutablePointer<Float>) -> Double {
    let (node, piece) = layout.pieces[number]
    return graph.nodes[node].gathering?.gradient(
      piece: piece, batch: samples, of: base + layout.offsets[node], adds: adds,
      into: Gradients(base: gradient, offsets: graph.offsets[node])) ?? 0
  }

  /// The same for all pieces of one node.
  func gradient(ofNode node: Int, into target: UnsafeMutablePointer<Float>) {
    for number in layout.lists.indices where layout.lists[number].node == node { list(number) }
    for piece in layout.ranges[node] { _ = gradient(piece, adds: false, into: target) }
  }
}

/// Where a chunk's backward pass leaves the gradients of variables.
struct GradientSink {
  /// Laid out as the network's trained variables; added to.
  let gradients: UnsafeMutablePointer<Float>
  /// For layers that gather.
  let gathered: GatheredBatch
  /// The number, in `gathered`, of the chunk's first sample.
  var first = 0
}
