import CKernels
import Platform
import Synchronization

/// How several threads compute the output for one sample: in stages, each cut into pieces (``SamplePlan``).
///
/// Pieces are numbered through, and a thread takes the next number as it comes free. It begins when
/// every piece of the stages before is done: that is all the threads ever wait for, so a stage costs a
/// fraction of what handing it to the pool by itself would.
final class SharedSample: Sendable {
  // Objects, so that a thread that computes a piece counts no references to what is in them, and those of a
  // piece are its own: two threads that count the same ones wait for each other.

  /// Some nodes that follow each other.
  private final class Stage: Sendable {
    let nodes: Range<Int>
    /// The number of its first piece, and how many it has.
    let first: Int, pieces: Int
    /// The layer that is cut by itself, where one is.
    let layer: (any DivisibleLayer)?
    /// The pieces of what is cut by rows.
    let parts: [Part]
    let input: Int, output: Int

    init(_ graph: Graph, _ stage: SamplePlan.Stage, first: Int) {
      (nodes, pieces, self.first) = (stage.nodes, stage.pieces, first)
      let node = graph.nodes[stage.nodes.lowerBound]
      (input, output) = (node.input, graph.nodes[stage.nodes.upperBound - 1].output)
      layer = pieces > 1 && stage.rows.isEmpty ? node.divisible : nil
      parts = stage.rows.map { Part(graph, stage.nodes, rows: $0) }
    }
  }

  /// Rows of some nodes, from the first to the last, whose output alone is shared with other threads.
  private final class Part: Sendable {
    let steps: [Step]
    /// The activations that the thread has for itself, by number.
    let isOwn: [Bool]

    init(_ graph: Graph, _ nodes: Range<Int>, rows: [Range<Int>]) {
      steps = zip(nodes, rows).map { Step(graph.nodes[$0], number: $0, rows: $1) }
      let own = Set(graph.nodes[nodes].dropLast().map(\.output))
      isOwn = graph.shapes.indices.map { own.contains($0) }
    }
  }

  /// Rows of one node's output.
  private final class Step: Sendable {
    let number: Int
    let rows: Range<Int>
    let layer: (any RowwiseLayer)?
    let combination: Combination?
    let inputs: [Int]
    let input: Int, output: Int
    let shape: Shape

    init(_ node: Node, number: Int, rows: Range<Int>) {
      (self.number, self.rows, shape) = (number, rows, node.outputShape)
      (inputs, input, output) = (node.inputs, node.input, node.output)
      switch node.operation {
      case .layer(let layer): (self.layer, combination) = (layer as? any RowwiseLayer, nil)
      case .combination(let combination): (layer, self.combination) = (nil, combination)
      }
    }
  }

  private let graph: Graph
  private let stages: [Stage]
  private let pieces: Int
  /// Waits longer than this let other threads on: where there are more of them than processors, the one
  /// that is waited for may need this one's.
  private let spins: Int
  /// How many threads take part; more would only find no piece left.
  private let threads: Int
  private let next = Atomic<Int>(0)
  private let done = Atomic<Int>(0)

  /// - Parameters:
  ///   - threads: how many there are; at most ``SamplePlan/mostPieces`` take part.
  ///   - meeting: what it costs that they wait for each other (``SamplePlan``).
  init(_ graph: Graph, threads: Int, meeting: Int = SamplePlan.meeting) {
    self.graph = graph
    let threads = min(threads, SamplePlan.mostPieces)
    self.threads = threads
    spins = threads <= ThreadPool.availableProcessors ? 10_000 : 0
    var stages: [Stage] = []
    var count = 0
    for stage in SamplePlan(graph, threads: threads, meeting: meeting).stages {
      stages.append(Stage(graph, stage, first: count))
      count += stage.pieces
    }
    (self.stages, pieces) = (stages, count)
  }

  /// Whether there is anything that several threads can do at once.
  var isCut: Bool { stages.contains { $0.pieces > 1 } }

  /// Runs the sample that is loaded in the first workspace; one caller at a time.
  func forward(
    _ workspaces: UnsafeMutableBufferPointer<Workspace>, arrays: Arrays, on pool: ThreadPool
  ) {
    next.store(0, ordering: .relaxed)
    done.store(0, ordering: .relaxed)
    pool.run(threads, with: (self, workspaces, arrays)) { context, worker, _ in
      let (sample, workspaces, arrays) = context
      sample.takePieces(workspaces, worker, arrays)
    }
  }

  private func takePieces(
    _ workspaces: UnsafeMutableBufferPointer<Workspace>, _ worker: Int, _ arrays: Arrays
  ) {
    var stage = 0
    while true {
      let piece = next.add(1, ordering: .relaxed).oldValue
      guard piece < pieces else { return }
      while piece >= stages[stage].first + stages[stage].pieces { stage += 1 }
      wait(for: stages[stage].first)
      compute(piece - stages[stage].first, of: stages[stage], workspaces, worker, arrays)
      done.add(1, ordering: .acquiringAndReleasing)
    }
  }

  private func wait(for count: Int) {
    var waits = 0
    while done.load(ordering: .acquiring) < count {
      waits += 1
      if waits > spins { sched_yield() } else { mc_spin_hint() }
    }
  }

  private func compute(
    _ piece: Int, of stage: Stage, _ workspaces: UnsafeMutableBufferPointer<Workspace>,
    _ worker: Int, _ arrays: Arrays
  ) {
    if !stage.parts.isEmpty {
      return compute(stage.parts[piece], workspaces, worker, arrays)
    }
    guard let layer = stage.layer else {
      workspaces[0].forward(graph, nodes: stage.nodes, arrays: arrays, mode: .inference)
      return
    }
    let number = stage.nodes.lowerBound
    // Not as a tensor to be changed: other threads look at the same one.
    let y = UnsafeMutablePointer(mutating: workspaces[0].activations[stage.output].pointer)
    layer.forward(
      piece: piece, of: stage.pieces, workspaces[0].activations[stage.input], into: y,
      weights: arrays.weights(graph, number), cache: workspaces[worker].caches[number])
  }

  private func compute(
    _ part: Part, _ workspaces: UnsafeMutableBufferPointer<Workspace>, _ worker: Int,
    _ arrays: Arrays
  ) {
    func activation(_ number: Int) -> UnsafePointer<Float> {
      workspaces[part.isOwn[number] ? worker : 0].activations[number].pointer
    }
    for step in part.steps {
      let y = UnsafeMutablePointer(mutating: activation(step.output))
      if let layer = step.layer {
        layer.forward(
          rows: step.rows, activation(step.input), into: y,
          weights: arrays.weights(graph, step.number),
          cache: workspaces[worker].caches[step.number])
      } else {
        step.combination?.forward(
          rows: step.rows, of: step.shape, step.inputs, into: y, activation)
      }
    }
  }
}
