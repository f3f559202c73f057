/// What a network computes, step by step, and where each step's numbers are in the flat arrays.
struct Graph: Sendable {
  /// The steps, in an order in which each comes after its inputs.
  let nodes: [Node]
  /// The shape of one sample of each activation; number 0 is the network's input.
  let shapes: [Shape]
  /// Where the variables of each node start in the network's flat array.
  let offsets: [[Int]]
  let preparedOffsets: [Int]
  let preparedCount: Int
  let sharedOffsets: [Int]
  let sharedCount: Int

  init(nodes: [Node], shapes: [Shape], offsets: [[Int]]) {
    self.nodes = nodes
    self.shapes = shapes
    self.offsets = offsets
    (preparedOffsets, preparedCount) = Self.stack(nodes.map { $0.layer?.preparedCount ?? 0 })
    (sharedOffsets, sharedCount) = Self.stack(nodes.map { $0.batchWide?.sharedCount ?? 0 })
  }

  /// The number of the last activation, the network's output.
  var output: Int { nodes.last?.output ?? 0 }

  /// For each activation, whether a backward pass needs its gradient: whether a variable that is trained
  /// comes before it.
  var hasTrainedBefore: [Bool] {
    var result = [Bool](repeating: false, count: shapes.count)
    for node in nodes {
      let hasOwn =
        node.isTrained && node.layer?.variables.contains { $0.role != .statistic } == true
      result[node.output] = hasOwn || node.inputs.contains { result[$0] }
    }
    return result
  }

  /// How many nodes read an activation: more than one where a block's shortcut starts.
  func readers(of activation: Int) -> Int {
    nodes.reduce(0) { $0 + ($1.reads(activation) ? 1 : 0) }
  }

  /// Whether a node after number `number` reads an activation. In the backward pass that node has
  /// already written the activation's gradient, and later ones add to it.
  func hasReader(of activation: Int, after number: Int) -> Bool {
    nodes[(number + 1)...].contains { $0.reads(activation) }
  }

  private static func stack(_ counts: [Int]) -> (offsets: [Int], count: Int) {
    var position = 0
    let offsets = counts.map { count in
      defer { position += count.roundedUpToLine }
      return position
    }
    return (offsets, position)
  }
}
