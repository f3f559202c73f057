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

  /// Moves the channels to the last place, which concerns the order alone.
  mutating func readTranspose(_ node: ONNXNode) throws(ONNXProblem) {
    var x = try operand(node)
    guard x.shape.rank > 1, try order(node) == [0] + Array(2..<x.shape.rank + 1) + [1] else {
      throw unordered
    }
    x.layout = .channelsLast
    try define(node, x)
  }

  private func order(_ transpose: ONNXNode) throws(ONNXProblem) -> [Int] {
    var settings = try ONNXSettings(transpose)
    let order = try settings.ints("perm")
    try settings.end()
    return order
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
    if let transpose = index.take("Transpose", after: node.outputs[0]) {
      guard shape.count > 1, try order(transpose) == [0, shape.count] + Array(1..<shape.count)
      else { throw unordered }
      try append(Reshape(shape), x, transpose)
    } else {
      let here = Shape(channelsFirst: shape)
      guard !here.changesOrder else { throw unordered }
      try append(Reshape(here.array), x, node)
    }
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
