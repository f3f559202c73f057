/// The memory of the gradients that are written and read within one stage, of one thread.
///
/// All shards that a thread works on use it in turn, and so do all stages: what one shard leaves there, the next
/// one finds still warm in the cache, where memory of its own would have to be fetched.
struct PassingGradients {
  /// For each stage the activations, and the tensors while nobody has borrowed them.
  private let numbers: [[Int]]
  private var tensors: [[Tensor?]]

  init(_ graph: Graph, _ stages: Stages, capacity: Int) {
    numbers = stages.passing(graph)
    tensors = Tensor.adjacent(
      samples: capacity, groups: numbers.map { $0.map { graph.shapes[$0] } })
  }

  /// Exchanges the tensors of a stage for those that are there.
  mutating func exchange(_ stage: Int, with gradients: inout [Tensor?]) {
    for (place, number) in numbers[stage].enumerated() {
      swap(&tensors[stage][place], &gradients[number])
    }
  }
}

extension Stages {
  /// For each stage the activations whose gradients are written and read within it alone: by one node each, as
  /// where there are several they are added.
  func passing(_ graph: Graph) -> [[Int]] {
    let needed = graph.hasTrainedBefore
    return backward.map { range in
      graph.nodes[range].map(\.output).filter { number in
        needed[number] && graph.readers(of: number) == 1
          && graph.nodes[range].contains { $0.reads(number) }
      }
    }
  }
}
