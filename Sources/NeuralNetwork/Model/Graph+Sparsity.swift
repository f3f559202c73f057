extension Graph {
  /// The same graph, whose layers know where the zeros are that they can skip.
  ///
  /// It follows from the layers alone, never from the numbers, so that the same model takes the same
  /// path in every run.
  func skippingZeros(for purpose: Purpose) -> Graph {
    let needsGradient = hasTrainedBefore
    let nodes = nodes.map { node in
      guard let layer = node.layer as? any ZeroSkippingLayer else { return node }
      let surroundings = Surroundings(
        hasSparseInput: isSparse(node.input), hasSparseGradient: hasSparseGradient(node.output),
        needsInputGradient: purpose == .training && needsGradient[node.input])
      return Node(
        name: node.name, kind: node.kind, operation: .layer(layer.skippingZeros(surroundings)),
        inputs: node.inputs, output: node.output, outputShape: node.outputShape,
        isTrained: node.isTrained)
    }
    return Graph(nodes: nodes, shapes: shapes, offsets: offsets)
  }

  private func isSparse(_ activation: Int) -> Bool {
    guard let writer = nodes.first(where: { $0.output == activation }) else { return false }
    return switch writer.sparsity {
    case .none: false
    case .output, .outputAndGradient: true
    case .passed: isSparse(writer.input)
    }
  }

  /// Whether the one layer that reads the activation leaves zeros in its gradient.
  private func hasSparseGradient(_ activation: Int) -> Bool {
    let readers = nodes.filter { $0.reads(activation) }
    return readers.count == 1 && readers[0].sparsity == .outputAndGradient
  }
}
