import NeuralNetwork

// Layers that are several nodes.

extension ONNXGraphReader {
  mutating func readBatchNormalization(_ node: ONNXNode) throws(ONNXProblem) {
    let x = try operand(node)
    var settings = try ONNXSettings(node)
    let epsilon = try settings.float("epsilon", default: 1e-5)
    let momentum = try settings.float("momentum", default: 0.9)
    try settings.end()
    let layer = try append(
      BatchNorm(momentum: momentum, epsilon: epsilon), x, node, layout: x.layout)
    for (place, name) in ["gamma", "beta", "moving_mean", "moving_variance"].enumerated() {
      try fill(layer, name, try array(node, place + 1), arrangement(for: x))
    }
  }

  /// (x − mean) / deviation.
  mutating func readNormalization(_ node: ONNXNode) throws(ONNXProblem) {
    let x = try operand(node)
    try ONNXSettings(node).end()
    guard let division = index.take("Div", after: node.outputs[0]) else {
      throw ONNXProblem(expected: "a Div after it", found: "none")
    }
    let arrange = arrangement(for: x)
    let layer = try append(Normalization(), x, division, layout: x.layout)
    try fill(layer, "mean", try array(node, 1), arrange)
    try fill(layer, "variance", try array(division, 1)) { arrange($0).map { $0 * $0 } }
  }

  /// scale · x + offset, or one of the two.
  mutating func readRescaling(_ node: ONNXNode) throws(ONNXProblem) {
    let x = try operand(node)
    try ONNXSettings(node).end()
    let value = try number(node, 1)
    guard node.type == "Mul" else {
      try append(Rescaling(scale: 1, offset: value), x, node, layout: x.layout)
      return
    }
    if let sum = index.take("Add", after: node.outputs[0], withArray: false) {
      let offset = try number(sum, 1)
      try append(Rescaling(scale: value, offset: offset), x, sum, layout: x.layout)
    } else {
      try append(Rescaling(scale: value), x, node, layout: x.layout)
    }
  }

  /// ½ · (x · (1 + erf(x / √2))).
  mutating func readGELU(_ x: Activation, _ node: ONNXNode) throws(ONNXProblem) {
    guard try number(node, 1) == Float(2).squareRoot(),
      let error = index.take("Erf", after: node.outputs[0]),
      let sum = index.take("Add", after: error.outputs[0]), try number(sum, 1) == 1,
      let product = index.takeProduct(of: node.inputs[0], after: sum.outputs[0]),
      let half = index.take("Mul", after: product.outputs[0]), try number(half, 1) == 0.5
    else { throw ONNXProblem(expected: "the nodes of an exact GELU", found: "others") }
    try append(GELU(), x, half, layout: x.layout)
  }

  /// (x − mean) / √(mean of its square + ε) · γ + β.
  mutating func readLayerNormalization(_ node: ONNXNode) throws(ONNXProblem) {
    let x = try operand(node)
    let other = ONNXProblem(expected: "the nodes of a layer normalization", found: "others")
    let axes = try meanAxes(node)
    guard axes == [1] || axes == Array(1...x.shape.rank),
      let difference = index.take("Sub", after: node.outputs[0]),
      difference.inputs == [node.inputs[0], node.outputs[0]]
    else { throw other }
    let centered = difference.outputs[0]
    guard let square = index.takeSquare(of: centered),
      let mean = index.take("ReduceMean", after: square.outputs[0]), try meanAxes(mean) == axes,
      let sum = index.take("Add", after: mean.outputs[0]),
      let root = index.take("Sqrt", after: sum.outputs[0]),
      let division = index.take("Div", after: root.outputs[0]),
      division.inputs == [centered, root.outputs[0]], index.isSpent(centered)
    else { throw other }
    let epsilon = try number(sum, 1)
    let affine = try takeAffine(after: division)
    let layer = try append(
      LayerNorm(
        axes: axes == [1] ? .last : .all, epsilon: epsilon, center: affine.beta != nil,
        scale: affine.gamma != nil), x, affine.last, layout: x.layout)
    try fill(affine, layer, x)
  }

  /// An instance normalization of groups, each of which is one channel.
  mutating func readGroupNormalization(
    _ x: Activation, _ node: ONNXNode
  ) throws(ONNXProblem) {
    let shape = try numbers(node, 1)
    guard x.layout == .channelsFirst, shape[0] == 0,
      let normalization = index.take("InstanceNormalization", after: node.outputs[0]),
      index.repeatedNumber(normalization, 1) == 1, index.repeatedNumber(normalization, 2) == 0,
      let restored = index.take("Reshape", after: normalization.outputs[0]),
      try numbers(restored, 1) == [0] + x.shape.channelsFirst
    else {
      throw ONNXProblem(expected: "the nodes of a group normalization", found: "others")
    }
    var settings = try ONNXSettings(normalization)
    let epsilon = try settings.float("epsilon", default: 1e-5)
    try settings.end()
    let affine = try takeAffine(after: restored)
    let layer = try append(
      GroupNorm(
        groups: shape[1], epsilon: epsilon, center: affine.beta != nil,
        scale: affine.gamma != nil), x, affine.last)
    try fill(affine, layer, x)
  }

  // MARK: Parts of them

  /// The trained scale and shift after a normalization, and the node that ends the layer.
  private struct Affine {
    var gamma: ONNXTensor?
    var beta: ONNXTensor?
    var last: ONNXNode
  }

  private mutating func takeAffine(after node: ONNXNode) throws(ONNXProblem) -> Affine {
    var affine = Affine(last: node)
    if let product = index.take("Mul", after: affine.last.outputs[0], withArray: true) {
      affine.gamma = try array(product, 1)
      affine.last = product
    }
    if let sum = index.take("Add", after: affine.last.outputs[0], withArray: true) {
      affine.beta = try array(sum, 1)
      affine.last = sum
    }
    return affine
  }

  private mutating func fill(
    _ affine: Affine, _ layer: Appended, _ x: Activation
  ) throws(ONNXProblem) {
    if let gamma = affine.gamma { try fill(layer, "gamma", gamma, arrangement(for: x)) }
    if let beta = affine.beta { try fill(layer, "beta", beta, arrangement(for: x)) }
  }

  private func meanAxes(_ node: ONNXNode) throws(ONNXProblem) -> [Int] {
    var settings = try ONNXSettings(node)
    try settings.expect("keepdims", 1, default: 1)
    let axes = try settings.ints("axes")
    try settings.end()
    return axes
  }
}
