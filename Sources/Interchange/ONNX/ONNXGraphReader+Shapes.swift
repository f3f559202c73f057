import NeuralNetwork

extension ONNXGraphReader {
  mutating func readFlatten(_ node: ONNXNode) throws(ONNXProblem) {
    let x = try activation(node)
    try readAxis(node)
    switch x.layout {
    case .channelsLast: try append(Flatten(), x, node)
    case .channelsFirst where x.shape.rank == 1, .channelByChannel: try define(node, x)
    case .channelsFirst:
      try append(
        Flatten(), x, node,
        layout: x.shape.changesOrder ? .channelByChannel(of: x.shape) : .channelsFirst)
    case .factors: throw unordered
    }
  }

  /// Throws where a Flatten is not of whole samples.
  func readAxis(_ flatten: ONNXNode) throws(ONNXProblem) {
    var settings = try ONNXSettings(flatten)
    try settings.expect("axis", 1, default: 1)
    try settings.end()
  }

  /// Moves the channels from the first place to the last, or back, which concerns the order alone.
  mutating func readTranspose(_ node: ONNXNode) throws(ONNXProblem) {
    var x = try activation(node)
    let rank = x.shape.rank
    guard rank > 1 else { throw unordered }
    var settings = try ONNXSettings(node)
    let order = try settings.ints("perm", count: rank + 1)
    try settings.end()
    switch x.layout {
    case .channelsFirst where order == [0] + Array(2..<rank + 1) + [1]: x.layout = .channelsLast
    case .channelsLast where order == [0, rank] + Array(1..<rank): x.layout = .channelsFirst
    default: throw unordered
    }
    try define(node, x)
  }

  /// Numbers in the order that they have here, or channels that keep theirs, in another shape.
  mutating func readReshape(_ node: ONNXNode) throws(ONNXProblem) {
    let x = try activation(node)
    try ONNXSettings(node).end()
    let extents = try numbers(node, 1)
    if extents.count == 3, extents[2] == -1 { return try readGroupNormalization(x, node) }
    let shape = Array(extents.dropFirst())
    guard extents[0] == 0, (1...3).contains(shape.count), shape.allSatisfy({ $0 >= 1 }),
      shape.checkedProduct == x.shape.count
    else {
      throw ONNXProblem(
        expected: "a shape [0, …] of at most 4 extents for \(x.shape)", found: "\(extents)")
    }
    let isFirst = x.layout == .channelsFirst
    if isFirst, shape.count > 1, shape[0] == x.shape.array.last {
      try append(Reshape(Array(shape.dropFirst()) + [shape[0]]), x, node)
      return
    }
    guard x.layout == .channelsLast || (isFirst && !x.shape.changesOrder) else { throw unordered }
    let isTransposed = index.isRead(node.outputs[0], onlyBy: "Transpose")
    let here = isTransposed || shape.count == 1 ? shape : Array(shape.dropFirst()) + [shape[0]]
    guard isTransposed || !Shape(here).changesOrder else { throw unordered }
    try append(
      Reshape(here), x, node,
      layout: isTransposed && here.count > 1 ? .channelsLast : .channelsFirst)
  }

  mutating func readUnsqueeze(_ node: ONNXNode) throws(ONNXProblem) {
    var x = try activation(node)
    try ONNXSettings(node).end()
    guard x.shape.rank == 1, x.layout == .channelsFirst, try numbers(node, 1) == [2, 3] else {
      throw ONNXProblem(expected: "axes 2 and 3 after those of a vector", found: "others")
    }
    x.layout = .factors
    try define(node, x)
  }
}
