import NeuralNetwork

/// Layers as other programs state them: a list in which each names those whose outputs it reads.
///
/// Activations are numbered as in ``Node``: 0 is the input, and the layer with index n writes activation n + 1.
struct LayerGraph {
  /// What a vertex does with the activations it reads.
  enum Step {
    /// A layer of one input.
    case layer(any LayerSpec)
    /// The sum of two or more activations of one shape.
    case sum
    /// The product of two.
    case product
    /// Two or more, side by side along the last axis.
    case concatenation
  }

  private struct Vertex {
    let name: String
    let step: Step
    let inputs: [Int]
  }

  /// The blocks inside each other that a model file may have.
  private static let deepest = 32

  private var vertices: [Vertex] = []
  /// The activation through which everything passes that reaches this one, and the number of such from the input on.
  private var dominators: [(activation: Int, depth: Int)] = [(0, 0)]

  /// Appends a layer, or what joins several; its name must be no other's.
  ///
  /// - Parameter inputs: the numbers of earlier activations: one for a layer, at least two otherwise.
  /// - Returns: the number of the activation it writes.
  mutating func append(_ step: Step, named name: String, reading inputs: [Int]) -> Int {
    vertices.append(Vertex(name: name, step: step, inputs: inputs))
    let meeting = inputs.dropFirst().reduce(inputs[0]) { commonDominator($0, $1) }
    dominators.append((meeting, dominators[meeting].depth + 1))
    return vertices.count
  }

  /// The layers from the input to an activation, in blocks: every layer under the name of its vertex.
  ///
  /// - Throws: a `ModelError` that names the first vertex that no block of ours can state, or that the output does
  ///   not depend on.
  func layers(to output: Int) throws(ModelError) -> [any LayerSpec] {
    var used = Set<Int>()
    let layers = try chain(from: 0, to: output, depth: 0, &used)
    if let idle = vertices.indices.first(where: { !used.contains($0 + 1) }) {
      throw ModelError("nothing reads what it gives").at(place(idle + 1))
    }
    return layers
  }

  /// The layers between an activation and one that it dominates.
  private func chain(
    from start: Int, to end: Int, depth: Int, _ used: inout Set<Int>
  ) throws(ModelError) -> [any LayerSpec] {
    guard depth <= Self.deepest else {
      throw ModelError("more than \(Self.deepest) blocks inside each other").at(place(end))
    }
    var layers: [any LayerSpec] = []
    var current = end
    while current != start {
      guard used.insert(current).inserted else {
        throw ModelError("is read by two branches that do not begin there").at(place(current))
      }
      let vertex = vertices[current - 1]
      if case .layer(let spec) = vertex.step {
        layers.append(spec.under(vertex.name))
        current = vertex.inputs[0]
        continue
      }
      let first = dominators[current].activation
      var branches: [[any LayerSpec]] = []
      for input in vertex.inputs {
        branches.append(try chain(from: first, to: input, depth: depth + 1, &used))
      }
      do {
        layers.append(try block(vertex.step, branches))
      } catch {
        throw error.at(place(current))
      }
      current = first
    }
    return layers.reversed()
  }

  private func block(
    _ step: Step, _ branches: [[any LayerSpec]]
  ) throws(ModelError) -> any LayerSpec {
    switch step {
    case .layer(let spec): return spec
    case .concatenation: return Concatenate(branches: branches)
    case .product:
      guard branches.count == 2, let factor = branches.first(where: { !$0.isEmpty }),
        branches.contains(where: \.isEmpty)
      else {
        throw ModelError("is a product of other than one activation and what layers make of it")
      }
      return Multiply(layers: factor)
    case .sum:
      let shortcuts = branches.filter(\.isEmpty).count
      let sums = branches.filter { !$0.isEmpty }
      guard shortcuts <= 1, let first = sums.first else {
        throw ModelError("adds the same activation more than once")
      }
      // Those after the second are added to the sum of the ones before.
      var layers = first
      for other in sums.dropFirst() { layers = [Residual(layers: layers, shortcut: other)] }
      return shortcuts == 1 ? Residual(projection: .identity, layers: layers) : layers[0]
    }
  }

  /// What errors call the vertex that writes an activation.
  private func place(_ activation: Int) -> String {
    activation == 0 ? "the input" : "layer \(vertices[activation - 1].name)"
  }

  private func commonDominator(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while a != b {
      if dominators[a].depth >= dominators[b].depth {
        a = dominators[a].activation
      } else {
        b = dominators[b].activation
      }
    }
    return a
  }
}

extension LayerSpec {
  fileprivate func under(_ name: String) -> any LayerSpec { named(name) }
}
