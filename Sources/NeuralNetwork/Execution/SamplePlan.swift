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
  static let mostPieces = 4
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
    let nodes = graph.nodes.map { PlannedNode($0, graph) }
    var costs = [0], last: [Stage] = []
    for number in nodes.indices {
      let node = nodes[number], parts = min(node.mostParts, pieces)
      var least = costs[number] + node.work, stage = Stage(nodes: number..<(number + 1))
      func offer(_ other: Stage, _ cost: Int) { if cost < least { (least, stage) = (cost, other) } }
      if parts > 1 {
        offer(
          Stage(nodes: stage.nodes, pieces: parts), costs[number] + node.work / parts + meeting)
      }
      var cut = RowCut(nodes, last: number, pieces: pieces)
      while let start = cut?.nodes.lowerBound, let stage = cut?.stage {
        offer(stage, costs[start] + (cut?.longest ?? 0) + meeting)
        guard start > 0, number - start < Self.mostNodes, cut?.extend(with: nodes) == true else {
          break
        }
      }
      costs.append(least)
      last.append(stage)
    }
    var stages: [Stage] = []
    var end = nodes.count
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

  /// What a plan has to know of a node.
  private struct PlannedNode {
    let inputs: [Int], output: Int
    /// How many nodes read its output.
    let readers: Int
    /// What it costs, in multiply-adds.
    let work: Int
    /// Into how many parts it can be cut, each of which reads all of its input.
    let mostParts: Int
    /// The rows of its output, and how many are computed together, where rows of it follow from rows of what
    /// is read.
    let height: Int, step: Int?
    private let layer: (any RowwiseLayer)?

    init(_ node: Node, _ graph: Graph) {
      (inputs, output, readers) = (node.inputs, node.output, graph.readers(of: node.output))
      let shapes = node.inputs.map { graph.shapes[$0] }
      let touched = shapes.reduce(node.outputShape.count) { $0 + $1.count }
      work = (node.layer?.multiplyAdds ?? 0) + touch * touched
      mostParts = node.divisible?.outputPieces ?? 1
      height = node.outputShape.rank == 3 ? node.outputShape[0] : 1
      layer = node.layer as? any RowwiseLayer
      // An activation may have another shape than is asked for, where a layer that only renames it was left
      // out: its rows are others then.
      switch node.operation {
      case .layer(let layer): step = shapes == [layer.inputShape] ? self.layer?.rowStep : nil
      case .combination(let combination):
        step = combination.isRowwise(shapes, into: node.outputShape) ? 1 : nil
      }
    }

    func inputRows(of rows: Range<Int>) -> Range<Int> { layer?.inputRows(of: rows) ?? rows }
  }

  /// Nodes cut by rows of the last one's output, and the rows that each piece computes of each node.
  private struct RowCut {
    private(set) var nodes: Range<Int>
    /// For each piece, from the last node to the first.
    private var rows: [[Range<Int>]] = []
    /// For each piece and activation the rows that the nodes so far read.
    private var needed: [[Int: Range<Int>]]
    /// How many of the nodes read an activation.
    private var readers: [Int: Int] = [:]
    /// What each piece has to do.
    private var work: [Int]

    /// One node, if it can be cut.
    init?(_ all: [PlannedNode], last: Int, pieces: Int) {
      let node = all[last]
      guard let step = node.step else { return nil }
      let steps = (node.height + step - 1) / step, count = min(pieces, steps)
      guard count > 1 else { return nil }
      nodes = (last + 1)..<(last + 1)
      needed = (0..<count).map { piece in
        let end = min((piece + 1) * steps / count * step, node.height)
        return [node.output: piece * steps / count * step..<end]
      }
      rows = needed.map { _ in [] }
      work = needed.map { _ in 0 }
      take(node, step)
    }

    /// Takes the node before along, unless it cannot be cut, or others than these read its output.
    mutating func extend(with all: [PlannedNode]) -> Bool {
      let node = all[nodes.lowerBound - 1]
      guard let step = node.step, node.readers > 0, readers[node.output] == node.readers else {
        return false
      }
      take(node, step)
      return true
    }

    private mutating func take(_ node: PlannedNode, _ step: Int) {
      nodes = nodes.lowerBound - 1..<nodes.upperBound
      for input in Set(node.inputs) { readers[input, default: 0] += 1 }
      for piece in needed.indices {
        let asked = needed[piece][node.output] ?? 0..<0
        let end = min((asked.upperBound + step - 1) / step * step, node.height)
        let own = asked.lowerBound / step * step..<end, read = node.inputRows(of: own)
        rows[piece].append(own)
        work[piece] += node.work * own.count / node.height
        for input in node.inputs {
          let before = needed[piece][input] ?? read
          needed[piece][input] =
            min(before.lowerBound, read.lowerBound)..<max(before.upperBound, read.upperBound)
        }
      }
    }

    var stage: Stage { Stage(nodes: nodes, pieces: rows.count, rows: rows.map { $0.reversed() }) }

    /// What the piece that has most to do has to do.
    var longest: Int { work.max() ?? 0 }
  }
}
