import NeuralNetwork

/// Where the values of a graph are while it runs: in the arena, or, what becomes the output, with the caller.
struct CMemory {
  /// A value's place.
  enum Place: Equatable {
    /// So many floats from the start of the arena.
    case arena(Int)
    /// The caller's scores.
    case scores
  }

  /// The place of each value that a step writes.
  let places: [Int: Place]
  /// Where each step's scratch begins, of those that need one.
  let scratch: [Int: Int]
  /// The floats of the arena.
  let count: Int

  /// Plans the memory. A step that may work in place does where nobody reads its input after it.
  init(_ graph: CGraph) {
    var lastRead: [Int: Int] = [:]
    for (number, step) in graph.steps.enumerated() {
      for input in step.inputs { lastRead[input] = number }
    }
    // The buffer of each value, and how long each is used.
    var buffers: [Int: Int] = [:]
    var lives: [(size: Int, steps: ClosedRange<Int>)] = []
    var scratch: [Int: Int] = [:]
    for (number, step) in graph.steps.enumerated() {
      let size = graph.shapes[step.output].count
      let end = max(number, lastRead[step.output] ?? number)
      let free = step.inputs.first {
        step.operation.isInPlace && lastRead[$0] == number && $0 != graph.output
          && graph.shapes[$0].count == size
      }
      if let buffer = free.flatMap({ buffers[$0] }) {
        lives[buffer].steps = lives[buffer].steps.lowerBound...end
        buffers[step.output] = buffer
      } else {
        buffers[step.output] = lives.count
        lives.append((size, number...end))
      }
      if step.operation.scratch > 0 {
        scratch[number] = lives.count
        lives.append((step.operation.scratch, number...number))
      }
    }
    let outer = buffers[graph.output]
    let plan = ArenaPlan(
      lives.enumerated().map {
        ArenaPlan.Buffer(size: $0 == outer ? 0 : $1.size, steps: $1.steps)
      })
    places = buffers.mapValues { $0 == outer ? .scores : .arena(plan.offsets[$0]) }
    self.scratch = scratch.mapValues { plan.offsets[$0] }
    count = max(plan.size, 1)
  }
}
