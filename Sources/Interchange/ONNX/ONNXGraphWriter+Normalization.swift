import NeuralNetwork

extension ONNXGraphWriter {
  mutating func batchNormalization(_ spec: BatchNorm, _ x: Activation) -> String {
    let channels = x.shape.array.last ?? 1
    let ones = [Float](repeating: 1, count: channels)
    let zeros = [Float](repeating: 0, count: channels)
    let arrays = [
      ("gamma", ones), ("beta", zeros), ("moving_mean", zeros), ("moving_variance", ones),
    ].map { name, absent in
      array(name, (values(name) ?? absent).arranged(for: x), [channels])
    }
    return node(
      "BatchNormalization", [x.tensor] + arrays,
      [.float("epsilon", spec.epsilon), .float("momentum", spec.momentum)])
  }

  /// The mean and the variance of the training set are subtracted and divided by.
  mutating func normalization(_ x: Activation) -> String {
    let shape = x.shape.channels
    let mean = (values("mean") ?? []).arranged(for: x)
    // Keras's smallest divisor.
    let deviation = (values("variance") ?? []).map { max($0.squareRoot(), 1e-7) }.arranged(for: x)
    let centered = node("Sub", [x.tensor, array("mean", mean, shape)])
    return node("Div", [centered, array("deviation", deviation, shape)])
  }

  /// An instance normalization of groups, each laid out as one channel.
  mutating func groupNormalization(_ spec: GroupNorm, _ x: Activation) -> String {
    let grouped = node("Reshape", [x.tensor, numbers("groups", [0, spec.groups, -1])])
    let scale = array(
      "scale", [Float](repeating: 1, count: spec.groups), [spec.groups])
    let shift = array("shift", [Float](repeating: 0, count: spec.groups), [spec.groups])
    let normalized = node(
      "InstanceNormalization", [grouped, scale, shift], [.float("epsilon", spec.epsilon)])
    let restored = node(
      "Reshape", [normalized, numbers("shape", [0] + x.shape.channelsFirst)])
    return affine(restored, x, x.shape.channels)
  }

  /// Operator set 13 has no layer normalization: mean and variance are computed node by node.
  mutating func layerNormalization(_ spec: LayerNorm, _ x: Activation) -> String {
    let axes = spec.axes == .all ? Array(1...x.shape.rank) : [1]
    let attributes: [ONNXAttribute] = [.ints("axes", axes), .int("keepdims", 1)]
    let mean = node("ReduceMean", [x.tensor], attributes)
    let centered = node("Sub", [x.tensor, mean])
    let variance = node("ReduceMean", [node("Mul", [centered, centered])], attributes)
    let shifted = node("Add", [variance, number("epsilon", spec.epsilon)])
    let normalized = node("Div", [centered, node("Sqrt", [shifted])])
    return affine(
      normalized, x, spec.axes == .all ? x.shape.channelsFirst : x.shape.channels)
  }

  /// The trained scale and shift after a normalization.
  private mutating func affine(_ normalized: String, _ x: Activation, _ shape: [Int]) -> String {
    var result = normalized
    if let gamma = values("gamma") {
      result = node("Mul", [result, array("gamma", gamma.arranged(for: x), shape)])
    }
    if let beta = values("beta") {
      result = node("Add", [result, array("beta", beta.arranged(for: x), shape)])
    }
    return result
  }
}

extension [Float] {
  /// Numbers of each channel, or of each number of a sample, in the order in which an activation has them.
  func arranged(for x: ONNXGraphWriter.Activation) -> [Float] {
    if let order = x.order { return channelsFirst(of: order) }
    return count == x.shape.count ? channelsFirst(of: x.shape) : self
  }
}
