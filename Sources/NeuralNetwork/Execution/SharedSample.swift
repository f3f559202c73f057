import CKernels
import Platform
import Synchronization

/// How several threads compute the output for one sample: in stages, each cut into pieces.
///
/// A layer that is worth it is a stage of several pieces; all others between two of those are one piece.
/// Pieces are numbered through, and a thread takes the next number as it comes free. It begins when
/// every piece of the stages before is done: that is all the threads ever wait for, so a stage costs a
/// fraction of what handing it to the pool by itself would.
final class SharedSample: Sendable {
  /// Some nodes that follow each other. An object, so that a thread that computes a piece counts no
  /// references to what is in it: two threads that count the same ones wait for each other.
  private final class Stage: Sendable {
    let nodes: Range<Int>
    /// The number of its first piece, and how many it has.
    let first: Int, pieces: Int
    /// The layer that is cut, where there are several.
    let layer: (any DivisibleLayer)?
    let input: Int, output: Int

    init(_ graph: Graph, _ nodes: Range<Int>, first: Int, pieces: Int) {
      (self.nodes, self.first, self.pieces) = (nodes, first, pieces)
      let node = graph.nodes[nodes.lowerBound]
      layer = pieces > 1 ? node.divisible : nil
      (input, output) = (node.input, node.output)
    }
  }

  private let graph: Graph
  private let stages: [Stage]
  private let pieces: Int
  /// Waits longer than this let other threads on: where there are more of them than processors, the one
  /// that is waited for may need this one's.
  private let spins: Int
  private let next = Atomic<Int>(0)
  private let done = Atomic<Int>(0)

  /// - Parameter threads: how many will take part.
  init(_ graph: Graph, threads: Int) {
    self.graph = graph
    spins = threads <= ThreadPool.availableProcessors ? 10_000 : 0
    var stages: [Stage] = []
    var count = 0
    for (number, node) in graph.nodes.enumerated() {
      // One for each thread: more would even out what threads differ in, and cost more than that.
      let pieces = min(node.divisible?.outputPieces ?? 1, threads)
      if pieces == 1, let last = stages.last, last.pieces == 1 {
        stages[stages.count - 1] = Stage(
          graph, last.nodes.lowerBound..<number + 1, first: last.first, pieces: 1)
      } else {
        stages.append(Stage(graph, number..<number + 1, first: count, pieces: pieces))
        count += pieces
      }
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
    pool.run(pool.threads, with: (self, workspaces, arrays)) { context, worker, _ in
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
}
