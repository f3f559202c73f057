import NeuralNetwork

/// A network as a C file computes it: without the layers that change nothing, with each batch normalization in the
/// weights before it, and with each maximum taken where its inputs are computed.
struct CGraph {
  /// One call of a function.
  struct Step {
    /// The names of the layers it computes, in the order of the model.
    var layers: [String]
    /// What it computes.
    var operation: COperation
    /// The numbers of the values it reads.
    var inputs: [Int]
    /// The shapes that it takes them in: those of the values, but for a layer between that only renames one.
    var inputShapes: [Shape]
    /// The number of the value it writes.
    var output: Int
  }

  /// What is computed, in order.
  var steps: [Step]
  /// The shape of each value: of the activation with its number (``Node``), or what is left of it.
  var shapes: [Shape]
  /// The value that is the network's output.
  let output: Int

  /// Makes it of a network.
  ///
  /// - Throws: a `ModelError` that names the first layer that has no C, or a number that is not finite.
  init(_ network: Network) throws(ModelError) {
    shapes = network.activationShapes
    steps = [Step(layers: ["image"], operation: .image, inputs: [], inputShapes: [], output: 0)]
    var same = Array(shapes.indices)
    for (number, node) in network.nodes.enumerated() {
      let inputs = node.inputs.map { same[$0] }
      do throws(ModelError) {
        let variables = try Self.variables(of: number, in: network)
        let operation = try COperation(
          node, input: network.activationShapes[node.input], variables)
        guard let operation else {
          same[node.output] = inputs[0]
          continue
        }
        steps.append(
          Step(
            layers: [node.name], operation: operation, inputs: inputs,
            inputShapes: node.inputs.map { network.activationShapes[$0] }, output: node.output))
      } catch {
        throw error.at("layer \(node.name)")
      }
    }
    output = same[network.nodes.last?.output ?? 0]
    foldNormalizations()
    moveMaximaForward()
    fuseMaxima()
  }

  private static func variables(
    of node: Int, in network: Network
  ) throws(ModelError) -> [String: [Float]] {
    var variables: [String: [Float]] = [:]
    for entry in network.layout.entries where entry.node == node {
      let values = network.values(of: entry)
      guard values.allSatisfy(\.isFinite) else {
        throw ModelError("\(entry.variable.name) has a number that is not finite")
      }
      variables[entry.variable.name] = values
    }
    return variables
  }

  /// The step that computes what a step reads first, where nobody else reads it.
  ///
  /// - Parameter inShape: whether it must be read in the shape it is computed in.
  private func producer(of step: Int, inShape: Bool) -> Int? {
    guard let value = steps[step].inputs.first, value != output,
      steps.count(where: { $0.inputs.contains(value) }) == 1,
      !inShape || steps[step].inputShapes[0] == shapes[value]
    else { return nil }
    return steps.firstIndex { $0.output == value }
  }

  private mutating func foldNormalizations() {
    for step in steps.indices.reversed() {
      guard case .scaleShift(let scale, let shift) = steps[step].operation,
        let before = producer(of: step, inShape: true),
        let folded = steps[before].operation.scaled(by: scale, adding: shift)
      else { continue }
      steps[before].operation = folded
      join(step, into: before)
    }
  }

  /// What does not change which number is the largest may be applied to the maximum instead of to all numbers.
  private mutating func moveMaximaForward() {
    for step in steps.indices {
      guard case .maxPool = steps[step].operation else { continue }
      var maximum = step
      while let before = producer(of: maximum, inShape: false),
        case .activation(let function) = steps[before].operation, function.passesMaxima
      {
        let (earlier, later) = (steps[before], steps[maximum])
        let shape = shapes[later.output]
        steps[before] = Step(
          layers: later.layers, operation: later.operation, inputs: earlier.inputs,
          inputShapes: later.inputShapes, output: earlier.output)
        steps[maximum] = Step(
          layers: earlier.layers, operation: earlier.operation, inputs: later.inputs,
          inputShapes: [shape], output: later.output)
        shapes[earlier.output] = shape
        maximum = before
      }
    }
  }

  /// Windows that do not overlap take each position of a convolution once, which then need not be kept.
  private mutating func fuseMaxima() {
    for step in steps.indices.reversed() {
      guard case .maxPool(let pool) = steps[step].operation, !pool.overlaps,
        let before = producer(of: step, inShape: true),
        case .convolution(let window, let weights, nil) = steps[before].operation
      else { continue }
      steps[before].operation = .convolution(window, weights, pool)
      join(step, into: before)
    }
  }

  private mutating func join(_ step: Int, into before: Int) {
    steps[before].layers += steps[step].layers
    steps[before].output = steps[step].output
    steps.remove(at: step)
  }
}
