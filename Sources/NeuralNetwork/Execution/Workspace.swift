import CKernels

/// The activations, gradients and caches of one chunk of a batch. One thread uses it at a time.
struct Workspace {
  /// Those that are borrowed while a stage runs have no room of their own.
  var activations: [Tensor]
  /// ∂loss/∂activation; none at all for inference, and none where nothing before it is trained, unless that
  /// of the network's input is asked for.
  var gradients: [Tensor?]
  let caches: CacheMemory
  /// What the outputs should be, `[capacity, outputs]`, where that was loaded.
  var targets: Tensor
  /// The numbers of the chunk's samples, and what else determines its random choices.
  var draw: Mode.Draw
  /// Where a second reader's gradient goes before it is added to the first's.
  private var spare: [Tensor?]
  /// The number, within the chunk, of the first sample that is not finite.
  private(set) var faultySample: Int?
  /// The same of the first whose targets are not, where those were loaded.
  private(set) var faultyTarget: Int?
  /// The working memory of a source while it writes the samples.
  private var scratch = Tensor(samples: 0, shape: [1])

  /// - Parameter passing: what it borrows while a stage runs.
  init(
    _ graph: Graph, capacity: Int, trains: Bool, withInputGradient: Bool = false,
    passing: [PassingStage] = []
  ) {
    let needed = graph.hasTrainedBefore.map { trains && ($0 || withInputGradient) }
    let borrowed = Set(passing.flatMap(\.activations))
    let borrowedGradients = Set(passing.flatMap(\.gradients))
    let kept = graph.shapes.indices.filter { !borrowed.contains($0) }
    let own = graph.shapes.indices.filter { needed[$0] && !borrowedGradients.contains($0) }
    let spared = own.filter { graph.readers(of: $0) > 1 }
    var tensors = Tensor.adjacent(
      samples: capacity,
      shapes: (kept + own + spared).map { graph.shapes[$0] })[...]
    activations = graph.shapes.map { Tensor(samples: 0, shape: $0) }
    for number in kept { activations[number] = tensors.removeFirst() }
    gradients = graph.shapes.map { _ in nil }
    spare = gradients
    for number in own { gradients[number] = tensors.removeFirst() }
    for number in spared { spare[number] = tensors.removeFirst() }
    caches = CacheMemory(graph.nodes, batch: capacity, isRead: trains)
    targets = Tensor(samples: capacity, shape: graph.shapes[graph.output])
    draw = Mode.Draw(seed: 0, epoch: 0, samples: [])
    draw.samples.reserveCapacity(capacity)
  }

  /// Sets how many samples are worked on from now on.
  mutating func resize(samples: Int) {
    for i in activations.indices where activations[i].capacity > 0 {
      activations[i].resize(samples: samples)
    }
    for i in gradients.indices { gradients[i]?.resize(samples: samples) }
    for i in spare.indices { spare[i]?.resize(samples: samples) }
    targets.resize(samples: samples)
  }

  /// Borrows what a stage's activations go into, and its gradients, or gives it back.
  mutating func exchange(
    _ passing: inout PassingTensors, stage: Int, gradients exchangesGradients: Bool
  ) {
    passing.exchange(stage, withActivations: &activations)
    if exchangesGradients { passing.exchange(stage, withGradients: &gradients) }
    resize(samples: activations[0].samples)
  }

  /// Provides the working memory of a source before a chunk of it is loaded; allocates only where
  /// no source before took as much.
  mutating func makeScratch(for source: some SampleSource) {
    let count = source.scratchCount
    if scratch.capacity < count { scratch = Tensor(samples: count, shape: [1]) }
  }

  /// Fetches the samples with these numbers, and their targets if they are wanted.
  mutating func load(
    _ numbers: UnsafeBufferPointer<Int32>, from source: some SampleSource, withTargets: Bool
  ) {
    resize(samples: numbers.count)
    source.copySamples(
      numbers, to: activations[0].mutablePointer(), scratch: scratch.mutablePointer())
    faultySample = activations[0].firstFaultySample
    if withTargets {
      source.copyTargets(
        numbers, outputs: targets.shape.count, to: targets.mutablePointer(),
        scratch: scratch.mutablePointer())
    }
    faultyTarget = withTargets ? targets.firstFaultySample : nil
    draw.samples.removeAll(keepingCapacity: true)
    draw.samples.append(contentsOf: numbers)
  }

  /// The outputs of the samples that are worked on, and their targets.
  var outputBatch: OutputBatch {
    let output = activations[activations.count - 1]
    return OutputBatch(
      samples: output.samples, width: output.shape.count, outputs: output.pointer,
      targets: targets.pointer)
  }

  /// Runs some nodes forwards.
  mutating func forward(_ graph: Graph, nodes: Range<Int>, arrays: Arrays, mode: Mode) {
    for number in nodes {
      let node = graph.nodes[number]
      switch node.operation {
      case .layer(let layer):
        layer.forward(
          activations[node.input], into: &activations[node.output],
          weights: arrays.weights(graph, number), cache: caches[number],
          mode: node.isAtRest ? .inference : mode)
      case .combination(let combination):
        // Its address first: a second look at the array while it changes would copy it.
        let y = activations[node.output].mutablePointer()
        combination.forward(
          node.inputs, activations, into: y, width: node.outputShape.last)
      }
    }
  }

  /// Runs some nodes backwards, from the gradient of the last one's output.
  mutating func backward(
    _ graph: Graph, nodes: Range<Int>, arrays: Arrays, mode: Mode, into sink: GradientSink
  ) {
    for number in nodes.reversed() {
      let node = graph.nodes[number]
      guard let dy = gradients[node.output] else { continue }
      switch node.operation {
      case .layer(let layer):
        let accumulates =
          spare[node.input] != nil && graph.hasReader(of: node.input, after: number)
        if accumulates { swap(&gradients[node.input], &spare[node.input]) }
        layer.backward(
          dy, x: activations[node.input], y: activations[node.output],
          into: &gradients[node.input],
          adding: node.isTrained
            ? Gradients(base: sink.gradients, offsets: graph.offsets[number]) : nil,
          weights: arrays.weights(graph, number), cache: caches[number],
          mode: node.isAtRest ? .inference : mode)
        sink.gathered.gather(dy, x: activations[node.input], of: number, first: sink.first)
        if accumulates {
          swap(&gradients[node.input], &spare[node.input])
          addSpare(to: node.input)
        }
      case .combination(let combination):
        backward(graph, number, combination, dy)
      }
    }
  }

  private mutating func backward(
    _ graph: Graph, _ number: Int, _ combination: Combination, _ dy: Tensor
  ) {
    let node = graph.nodes[number], inputs = node.inputs, y = activations[node.output]
    // The same activation may come in twice: where a layer that only renames it was left out.
    func adds(_ index: Int) -> Bool {
      graph.hasReader(of: inputs[index], after: number) || inputs[..<index].contains(inputs[index])
    }
    var done = 0
    if case .sum = combination, adds(0) == adds(1), inputs[0] != inputs[1],
      let first = gradients[inputs[0]]?.mutablePointer(),
      let second = gradients[inputs[1]]?.mutablePointer()
    {
      combination.backward(
        dy, y: y, inputs, 0, activations, adds: adds(0), into: first, and: second)
      done = 2
    }
    for index in done..<inputs.count {
      guard let target = gradients[inputs[index]]?.mutablePointer() else { continue }
      combination.backward(dy, y: y, inputs, index, activations, adds: adds(index), into: target)
    }
  }

  private mutating func addSpare(to activation: Int) {
    guard let spare = spare[activation] else { return }
    let count = spare.count
    if let target = gradients[activation]?.mutablePointer() {
      mc_accumulate(count, spare.pointer, target)
    }
  }
}
