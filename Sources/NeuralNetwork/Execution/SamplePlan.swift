/// How the work for a single sample is cut into stages, each into pieces for threads that wait for each other
/// between stages.
///
/// A cut by rows goes through several layers: a piece computes rows of the last one's output, and of the
/// layers before whatever rows that takes, though another piece may compute some of them as well. What that
/// repeats is weighed against a wait for each other after every layer. It follows from the network and the
/// number of threads alone.
struct SamplePlan {
  /// Some nodes that follow each other.
  struct Stage {
    var nodes: Range<Int>
    var pieces = 1
    /// Where the nodes are cut by rows: the rows of each node's output that a piece computes.
    var rows: [[Range<Int>]] = []
  }

  let stages: [Stage]

  /// The most pieces: four cores finish together, and so do two.
  private static let mostPieces = 4
  /// The most nodes of a cut by rows, to bound the search.
  private static let mostNodes = 24
  /// What it costs to wait for each other, in multiply-adds: some 3 µs of work, as LeNet-5's convolutions
  /// showed, where a wait is worth its price from twice that on.
  static let meeting = 150_000
  /// What a number that is read or written costs, in multiply-adds.
  private static let touch = 4

  /// The stages that take least for so many threads.
  init(_ graph: Graph, threads: Int, meeting: Int = Self.meeting) {
    let pieces = min(threads, Self.mostPieces)
    var costs = [0], last: [Stage] = []
    for end in 1...max(graph.nodes.count, 1) where end <= graph.nodes.count {
      let number = end - 1, work = Self.work(graph, number)
      var least = costs[number] + work, stage = Stage(nodes: number..<end)
      let parts = min(graph.nodes[number].divisible?.outputPieces ?? 1, pieces)
      if parts > 1, costs[number] + work / parts + meeting < least {
        (least, stage) = (costs[number] + work / parts + meeting, stage)
        stage.pieces = parts
      }
      for start in stride(from: number, through: max(0, end - Self.mostNodes), by: -1) {
        guard Self.isRowwise(graph, graph.nodes[start]) else { break }
        guard let cut = Self.cut(graph, start..<end, pieces: pieces) else { continue }
        let cost = costs[start] + Self.longest(graph, cut) + meeting
        if cost < least { (least, stage) = (cost, cut) }
      }
      costs.append(least)
      last.append(stage)
    }
    var stages: [Stage] = []
    var end = graph.nodes.count
    while end > 0 {
      let stage = last[end - 1]
      end = stage.nodes.lowerBound
      if stage.pieces == 1, let next = stages.last, next.pieces == 1 {
        stages[stages.count - 1].nodes = end..<next.nodes.upperBound
      } else {
        stages.append(stage)
      }
    }
    self.stages = stages.reversed()
  }

  private static func work(_ graph: Graph, _ number: Int) -> Int {
    let node = graph.nodes[number]
    let touched = node.inputs.reduce(node.outputShape.count) { $0 + graph.shapes[$1].count }
    return (node.layer?.multiplyAdds ?? 0) + touch * touched
  }

  /// What the piece that has most to do has to do.
  private static func longest(_ graph: Graph, _ stage: Stage) -> Int {
    stage.rows.map { piece in
      zip(stage.nodes, piece).reduce(0) { sum, each in
        sum + work(graph, each.0) * each.1.count / graph.nodes[each.0].outputShape[0]
      }
    }.max() ?? 0
  }

  /// Whether rows of the output follow from rows of what is read. An activation may have another shape than
  /// is asked for, where a layer that only renames it was left out: its rows are others then.
  private static func isRowwise(_ graph: Graph, _ node: Node) -> Bool {
    let shapes = node.inputs.map { graph.shapes[$0] }
    switch node.operation {
    case .layer(let layer):
      return (layer as? any RowwiseLayer)?.rowStep != nil && shapes == [layer.inputShape]
    case .combination(let combination):
      return combination.isRowwise(shapes, into: node.outputShape)
    }
  }

  private static func step(_ node: Node) -> Int { (node.layer as? any RowwiseLayer)?.rowStep ?? 1 }

  /// The nodes cut by rows of the last one's output; nothing where there is one piece, or where more than
  /// that output is read behind them.
  private static func cut(_ graph: Graph, _ nodes: Range<Int>, pieces: Int) -> Stage? {
    let last = graph.nodes[nodes.upperBound - 1]
    let inside = graph.nodes[nodes]
    for node in inside.dropLast() {
      let readers = inside.reduce(0) { $0 + ($1.reads(node.output) ? 1 : 0) }
      guard readers > 0, readers == graph.readers(of: node.output) else { return nil }
    }
    let height = last.outputShape[0], steps = (height + step(last) - 1) / step(last)
    let count = min(pieces, steps)
    guard count > 1 else { return nil }
    let rows = (0..<count).map { piece in
      let first = piece * steps / count * step(last)
      let end = min((piece + 1) * steps / count * step(last), height)
      return rowsOf(inside, toCompute: first..<end)
    }
    return Stage(nodes: nodes, pieces: count, rows: rows)
  }

  /// The rows of each node's output that some rows of the last one's are computed from.
  private static func rowsOf(_ nodes: ArraySlice<Node>, toCompute rows: Range<Int>) -> [Range<Int>] {
    var needed = [nodes[nodes.endIndex - 1].output: rows]
    var result: [Range<Int>] = []
    for node in nodes.reversed() {
      let height = node.outputShape[0], step = step(node), asked = needed[node.output] ?? 0..<0
      let end = min((asked.upperBound + step - 1) / step * step, height)
      let own = asked.lowerBound / step * step..<end
      result.append(own)
      let read = (node.layer as? any RowwiseLayer)?.inputRows(of: own) ?? own
      for input in node.inputs {
        let before = needed[input] ?? read
        needed[input] =
          min(before.lowerBound, read.lowerBound)..<max(before.upperBound, read.upperBound)
      }
    }
    return result.reversed()
  }
}
