extension Graph {
  /// What a pass is for: without training, dropout does nothing.
  enum Purpose {
    case training
    case inference
  }

  /// A graph that computes the same with fewer steps: the ReLU and the max pooling after a
  /// convolution are fused into it, and what only renames its input (flattening, and dropout
  /// outside training) is left out.
  func fused(for purpose: Purpose) -> Graph {
    var steps: [Node] = []
    var stepOffsets: [[Int]] = []
    // Which activation holds what a node that was left out would have written.
    var aliases = Array(shapes.indices)
    var number = 0
    while number < nodes.count {
      let node = nodes[number]
      let last = absorbed(from: number)
      defer { number = last + 1 }
      if number < nodes.count - 1, renames(node, purpose) {
        aliases[node.output] = aliases[node.input]
        continue
      }
      steps.append(joined(number...last, aliases: aliases))
      stepOffsets.append(offsets[number])
    }
    return Graph(nodes: steps, shapes: shapes, offsets: stepOffsets).withoutGaps()
  }

  private func renames(_ node: Node, _ purpose: Purpose) -> Bool {
    node.layer is FlattenLayer || (purpose == .inference && node.layer is DropoutLayer)
  }

  /// The last node that can be fused into the one at `number`.
  private func absorbed(from number: Int) -> Int {
    guard let convolution = nodes[number].layer as? Conv2DLayer else { return number }
    var taken = convolution
    var last = number
    while last + 1 < nodes.count, let next = nodes[last + 1].layer,
      nodes[last + 1].input == nodes[last].output, readers(of: nodes[last].output) == 1,
      let more = taken.absorbing(next)
    {
      taken = more
      last += 1
    }
    return last
  }

  private func joined(_ numbers: ClosedRange<Int>, aliases: [Int]) -> Node {
    let first = nodes[numbers.lowerBound]
    let last = nodes[numbers.upperBound]
    var operation = first.operation
    if case .add(let other) = operation { operation = .add(aliases[other]) }
    if var convolution = first.layer as? Conv2DLayer {
      for next in nodes[numbers].dropFirst() {
        guard let layer = next.layer, let more = convolution.absorbing(layer) else { continue }
        convolution = more
      }
      operation = .layer(convolution)
    }
    return Node(
      name: nodes[numbers].map(\.name).joined(separator: "+"), operation: operation,
      input: aliases[first.input], output: last.output, outputShape: last.outputShape)
  }

  /// The same with the remaining activations renumbered.
  private func withoutGaps() -> Graph {
    var numbers = [Int](repeating: 0, count: shapes.count)
    for (step, node) in nodes.enumerated() { numbers[node.output] = step + 1 }
    let renumbered = nodes.map { node in
      var operation = node.operation
      if case .add(let other) = operation { operation = .add(numbers[other]) }
      return Node(
        name: node.name, operation: operation, input: numbers[node.input],
        output: numbers[node.output], outputShape: node.outputShape)
    }
    return Graph(
      nodes: renumbered, shapes: [shapes[0]] + nodes.map { shapes[$0.output] }, offsets: offsets)
  }
}
