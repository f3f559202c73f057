import NeuralNetwork

/// The order in which Keras lists the layers of a Functional model.
///
/// Those further from the output come first, by the longest way, and of several at one distance the one that is met
/// first on the way back from the output, first inputs first.
package struct KerasOrder {
  /// The vertices, each once.
  package let vertices: [Int]

  /// The order of a graph whose last vertex is its output.
  ///
  /// - Parameters:
  ///   - inputs: the activations that each vertex reads: 0 is the input of the graph, vertex i writes i + 1.
  ///   - length: how far the vertex that is named first is from the activation that is named second, which it reads.
  package init(_ inputs: [[Int]], length: (_ vertex: Int, _ input: Int) -> Int = { _, _ in 1 }) {
    var distances = inputs.map { _ in 0 }
    for number in inputs.indices.reversed() {
      for input in inputs[number] where input > 0 {
        distances[input - 1] = max(
          distances[input - 1], distances[number] + length(number, input))
      }
    }
    var visits = inputs.map { _ in Int.max }
    var waiting = [inputs.count], count = 0
    while let activation = waiting.popLast() {
      guard activation > 0, visits[activation - 1] == .max else { continue }
      visits[activation - 1] = count
      count += 1
      waiting += inputs[activation - 1].reversed()
    }
    vertices = inputs.indices.sorted {
      (-distances[$0], visits[$0], $0) < (-distances[$1], visits[$1], $1)
    }
  }

  /// The order of the nodes of a network.
  init(_ nodes: [Node]) {
    self.init(nodes.map(\.inputs)) { number, input in
      // Keras has a layer more where a vector multiplies an image: it makes it one of a pixel.
      let node = nodes[number]
      let isReshaped = node.outputShape.rank == 3 && nodes[input - 1].outputShape.rank == 1
      return node.layer == nil && isReshaped ? 2 : 1
    }
  }
}
