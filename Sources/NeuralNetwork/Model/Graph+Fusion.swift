extension Graph {
  /// What a pass is for: without training, dropout does nothing.
  enum Purpose {
    case training
    case inference
  }

  /// A graph that computes the same with fewer steps: a layer that can do the next one's work along with
  /// its own (``Layer/absorbing(_:training:)``) does so, and one whose output is its input
  /// (``Layer/isIdentity(training:)``) is left out.
  func fused(for purpose: Purpose) -> Graph {
    var steps: [Node] = []
    var stepOffsets: [[Int]] = []
    // Which activation holds what a node that was left out would have written.
    var aliases = Array(shapes.indices)
    var number = 0
    while number < nodes.count {
      let node = nodes[number]
      let (operation, last) = absorbed(from: number, purpose)
      defer { number = last + 1 }
      if number < nodes.count - 1, isIdentity(node, purpose) {
        aliases[node.output] = aliases[node.input]
        continue
      }
      steps.append(
        Node(
          name: nodes[number...last].map(\.name).joined(separator: "+"), kind: node.kind,
          operation: operation, inputs: node.inputs.map { aliases[$0] }, output: nodes[last].output,
          outputShape: nodes[last].outputShape, isTrained: node.isTrained))
      stepOffsets.append(offsets[number...last].flatMap { $0 })
    }
    return Graph(nodes: steps, shapes: shapes, offsets: stepOffsets).withoutGaps()
      .skippingZeros(for: purpose)
  }

  private func isIdentity(_ node: Node, _ purpose: Purpose) -> Bool {
    node.layer?.isIdentity(training: purpose == .training) ?? false
  }

  /// The node at `number`, and those after it that can be fused into it.
  private func absorbed(
    from number: Int, _ purpose: Purpose
  ) -> (operation: Node.Operation, last: Int) {
    var operation = nodes[number].operation
    var last = number
    while last + 1 < nodes.count, let next = nodes[last + 1].layer,
      nodes[last + 1].input == nodes[last].output, readers(of: nodes[last].output) == 1,
      let joined = operation.absorbing(next, training: purpose == .training)
    {
      operation = joined
      last += 1
    }
    return (operation, last)
  }

  /// The same with the remaining activations renumbered.
  private func withoutGaps() -> Graph {
    var numbers = [Int](repeating: 0, count: shapes.count)
    for (step, node) in nodes.enumerated() { numbers[node.output] = step + 1 }
    let renumbered = nodes.map { node in
      Node(
        name: node.name, kind: node.kind, operation: node.operation,
        inputs: node.inputs.map { numbers[$0] },
        output: numbers[node.output], outputShape: node.outputShape, isTrained: node.isTrained)
    }
    return Graph(
      nodes: renumbered, shapes: [shapes[0]] + nodes.map { shapes[$0.output] }, offsets: offsets)
  }
}
