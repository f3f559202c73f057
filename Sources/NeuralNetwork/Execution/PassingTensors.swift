/// The memory of what is written and read within one stage, of one thread: gradients, and activations that
/// are there again for the way back when they have been computed once more.
///
/// All shards that a thread works on use it in turn, and so do all stages: what one shard leaves there, the next
/// one finds still warm in the cache, where memory of its own would have to be fetched.
struct PassingTensors {
  let stages: [PassingStage]
  /// For each stage the tensors while nobody has borrowed them.
  private var activations: [[Tensor]]
  private var gradients: [[Tensor?]]

  init(_ graph: Graph, _ stages: [PassingStage], capacity: Int) {
    self.stages = stages
    let tensors = Tensor.adjacent(
      samples: capacity,
      groups: stages.map { ($0.activations + $0.gradients).map { graph.shapes[$0] } })
    activations = zip(stages, tensors).map { Array($1.prefix($0.activations.count)) }
    gradients = zip(stages, tensors).map { Array($1.dropFirst($0.activations.count)) }
  }

  /// Exchanges the activations of a stage for those that are there.
  mutating func exchange(_ stage: Int, withActivations activations: inout [Tensor]) {
    for (place, number) in stages[stage].activations.enumerated() {
      swap(&self.activations[stage][place], &activations[number])
    }
  }

  /// Exchanges the gradients of a stage for those that are there.
  mutating func exchange(_ stage: Int, withGradients gradients: inout [Tensor?]) {
    for (place, number) in stages[stage].gradients.enumerated() {
      swap(&self.gradients[stage][place], &gradients[number])
    }
  }
}

/// The numbers of what is written and read within one stage.
struct PassingStage {
  /// The activations that only nodes of the stage read.
  var activations: [Int] = []
  /// The nodes that compute those again on the way back, for the backward passes that read them.
  var recomputed: [Int] = []
  /// The activations whose gradients are written and read within the stage alone.
  var gradients: [Int] = []
}

extension Stages {
  /// What passes within each stage.
  func passing(_ graph: Graph) -> [PassingStage] {
    let needed = graph.hasTrainedBefore
    return zip(forward, backward).map { forward, backward in
      var stage = PassingStage()
      // Of one reader each: the gradients of several are added.
      stage.gradients = graph.nodes[backward].map(\.output).filter { number in
        needed[number] && graph.readers(of: number) == 1
          && graph.nodes[backward].contains { $0.reads(number) }
      }
      for number in forward {
        let node = graph.nodes[number]
        let readers = graph.nodes.filter { $0.reads(node.output) }
        let readersHere = graph.nodes[forward].filter { $0.reads(node.output) }
        guard (node.layer as? any BatchWideLayer)?.isRecomputed == true,
          !stage.activations.contains(node.input),
          !readers.isEmpty, readers.count == readersHere.count
        else { continue }
        stage.activations.append(node.output)
        if readers.contains(where: { needed[$0.output] && $0.readsInputsBackward }) {
          stage.recomputed.append(number)
        }
      }
      return stage
    }
  }
}

extension Node {
  /// Whether its backward pass reads what it was given.
  fileprivate var readsInputsBackward: Bool {
    switch operation {
    case .layer: true
    case .combination(.product): true
    case .combination(.sum), .combination(.concatenation): false
    }
  }
}
