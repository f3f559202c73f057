extension GatheringLayout {
  /// The pieces of one node, among some of all nodes' pieces; by their numbers within the node.
  func pieces(of node: Int, among pieces: Range<Int>) -> Range<Int> {
    let own = ranges[node].clamped(to: pieces), start = ranges[node].lowerBound
    return own.lowerBound - start..<own.upperBound - start
  }
}

extension GatheredBatch {
  /// Passes on, stretch by stretch, what some pieces of the gradients read of some samples.
  func forEachStretch(
    of samples: Range<Int>, pieces: Range<Int>, _ body: (UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    guard !samples.isEmpty, !pieces.isEmpty else { return }
    for number in graph.nodes.indices {
      let own = layout.pieces(of: number, among: pieces)
      guard let layer = graph.nodes[number].gathering, !own.isEmpty else { continue }
      let start = base + layout.offsets[number]
      layer.forEachGathered(pieces: own, samples: samples, batch: self.samples) {
        body(UnsafeMutableBufferPointer(start: start + $0.lowerBound, count: $0.count))
      }
    }
  }

  /// Passes on, stretch by stretch, some pieces of the gradients, each with the variable that it is of.
  func forEachStretch(
    ofPieces pieces: Range<Int>, in gradient: UnsafeMutablePointer<Float>,
    _ body: (GatheredVariable, UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    guard !pieces.isEmpty else { return }
    for number in graph.nodes.indices {
      let own = layout.pieces(of: number, among: pieces)
      guard let layer = graph.nodes[number].gathering, !own.isEmpty else { continue }
      let gradients = Gradients(base: gradient, offsets: graph.offsets[number])
      layer.forEachGradient(pieces: own) { variable, range in
        body(
          GatheredVariable(node: number, index: variable),
          UnsafeMutableBufferPointer(
            start: gradients[variable] + range.lowerBound, count: range.count))
      }
    }
  }
}

/// A variable whose gradient is gathered.
struct GatheredVariable: Equatable {
  let node: Int
  /// Its number within the node's layer.
  let index: Int
}
