import Platform

/// Where each layer's numbers are in the network's flat arrays.
///
/// Trained variables come first, then the statistics and what is frozen, so that the first ``trainedCount`` floats are
/// what an optimizer works on; among the former those of layers that gather their gradient
/// (`GatheringLayer`) come last, because shards have no gradient of their own for them. Every
/// variable starts on a cache line; the gaps hold zeros and keep them.
public struct VariableLayout: Sendable {
  /// Where one variable is.
  public struct Entry: Sendable {
    /// The number of the node that owns it.
    public let node: Int
    /// Its number within the layer.
    public let index: Int
    /// What it is.
    public let variable: Variable
    /// Whether training changes it: no statistic, and its layer is not frozen.
    public let isTrained: Bool
    /// Where it starts in the flat array.
    public let offset: Int

    /// Its range in the flat array.
    public var range: Range<Int> { offset..<offset + variable.shape.count }
  }

  /// All variables, layer by layer, in the order in which a checkpoint stores them.
  public let entries: [Entry]
  /// The length of the part whose gradient is summed over shards.
  let shardedCount: Int
  /// The length of the part that is trained.
  public let trainedCount: Int
  /// The length of the whole array.
  public let count: Int
  /// Where the variables of each node start.
  let offsets: [[Int]]

  /// Ends the program where an entry is another layout's, whose range may extend beyond the array.
  func verify(_ entry: Entry) {
    require(
      entries.contains {
        $0.node == entry.node && $0.index == entry.index && $0.range == entry.range
      },
      "\(entry.variable.name) \(entry.variable.shape) at \(entry.offset) is a variable of another"
        + " network, this one has \(entries.count) in \(count) floats")
  }

  /// Ends the program where a network's variables are laid out in another length than these.
  func verify(_ other: VariableLayout) {
    require(
      other.count == count && other.trainedCount == trainedCount,
      "a network of \(other.count) floats of variables, \(other.trainedCount) of them trained;"
        + " expected \(count) and \(trainedCount), as this was made for")
  }

  /// Lays the variables of nodes out, of which there are at most `limit` numbers in all.
  init(nodes: [Node], limit: Int) throws(ModelError) {
    let variables = nodes.map { $0.layer?.variables ?? [] }
    var offsets = variables.map { $0.map { _ in 0 } }
    var position = 0
    func place(where isPlaced: (Node, Variable) -> Bool) throws(ModelError) {
      for (node, list) in variables.enumerated() {
        for (index, variable) in list.enumerated() where isPlaced(nodes[node], variable) {
          offsets[node][index] = position
          position += variable.shape.count.roundedUpToLine
          guard position <= limit else {
            throw ModelError(
              "the model has more than \(limit) parameters up to layer"
                + " \(nodes[node].name)")
          }
        }
      }
    }
    func isTrained(_ node: Node, _ variable: Variable) -> Bool {
      node.isTrained && variable.role != .statistic
    }
    try place { isTrained($0, $1) && $0.gathering == nil }
    shardedCount = position
    try place { isTrained($0, $1) && $0.gathering != nil }
    trainedCount = position
    try place { !isTrained($0, $1) }
    count = position
    self.offsets = offsets
    entries = variables.enumerated().flatMap { node, list in
      list.enumerated().map { index, variable in
        Entry(
          node: node, index: index, variable: variable,
          isTrained: isTrained(nodes[node], variable), offset: offsets[node][index])
      }
    }
  }
}

extension Int {
  /// This number of floats, rounded up to whole cache lines of 16.
  var roundedUpToLine: Int { (self + 15) / 16 * 16 }
}
