import NeuralNetwork

extension ONNXGraphWriter {
  /// Writes the nodes of a layer, and returns the name of its output.
  ///
  /// - Throws: a `ModelError` where ONNX has no operators for it.
  mutating func write(
    _ spec: any LayerSpec, _ x: Activation, output: Shape
  ) throws(ModelError) -> String {
    switch spec {
    case is Dropout, is SpatialDropout2D, is GaussianNoise: x.tensor
    case let spec as Conv2D: convolution(spec, x)
    case let spec as DepthwiseConv2D: convolution(spec, x)
    case let spec as Conv2DTranspose: transposedConvolution(spec, x, output: output)
    case let spec as Dense: dense(spec, x)
    case let spec as MaxPool2D:
      node(
        "MaxPool", [x.tensor],
        try pooling(spec.window, stride: spec.stride, padding: spec.padding, x.shape))
    case let spec as AvgPool2D:
      node(
        "AveragePool", [x.tensor],
        [.int("count_include_pad", 0)]
          + (try pooling(spec.window, stride: spec.stride, padding: spec.padding, x.shape)))
    case is GlobalMaxPool2D: flattened(node("GlobalMaxPool", [x.tensor]))
    case is GlobalAvgPool2D: flattened(node("GlobalAveragePool", [x.tensor]))
    case let spec as UpSampling2D: resize(spec, x)
    case let spec as ZeroPadding2D: pad(spec, x)
    case let spec as BatchNorm: batchNormalization(spec, x)
    case let spec as GroupNorm: groupNormalization(spec, x)
    case let spec as LayerNorm: layerNormalization(spec, x)
    case is Normalization: normalization(x)
    default: try activation(spec, x)
    }
  }

  private mutating func dense(_ spec: Dense, _ x: Activation) -> String {
    let kernel = (values("kernel") ?? []).channelsFirst(of: x.order ?? x.shape, block: spec.units)
    var inputs = [x.tensor, array("kernel", kernel, [x.shape.count, spec.units])]
    if let bias = values("bias") { inputs.append(array("bias", bias, [spec.units])) }
    return node("Gemm", inputs)
  }

  private mutating func activation(
    _ spec: any LayerSpec, _ x: Activation
  ) throws(ModelError) -> String {
    let x0 = x.tensor
    switch spec {
    case is ReLU: return node("Relu", [x0])
    case is ReLU6: return node("Clip", [x0, number("min", 0), number("max", 6)])
    case let spec as LeakyReLU: return node("LeakyRelu", [x0], [.float("alpha", spec.slope)])
    case let spec as PReLU:
      let alpha = (values("alpha") ?? []).arranged(for: x)
      let shape = spec.shared ? x.shape.channels : x.shape.channelsFirst
      return node("PRelu", [x0, array("alpha", alpha, shape)])
    case let spec as ELU: return node("Elu", [x0], [.float("alpha", spec.alpha)])
    case is Sigmoid: return node("Sigmoid", [x0])
    case is Tanh: return node("Tanh", [x0])
    case is Softmax: return node("Softmax", [x0], [.int("axis", 1)])
    case is SiLU: return node("Mul", [x0, node("Sigmoid", [x0])])
    case is GELU:
      let error = node("Erf", [node("Div", [x0, number("root", Float(2).squareRoot())])])
      let twice = node("Mul", [x0, node("Add", [error, number("one", 1)])])
      return node("Mul", [twice, number("half", 0.5)])
    case let spec as Rescaling:
      let scaled = node("Mul", [x0, number("scale", spec.scale)])
      return spec.offset == 0 ? scaled : node("Add", [scaled, number("offset", spec.offset)])
    default:
      throw ModelError("ONNX has no operators for a layer of the kind \(spec.kind)")
    }
  }

  // MARK: What joins and reshapes

  /// Writes what joins the ends of a block, and returns the name of its output.
  mutating func join(_ inputs: [Activation], _ kind: String) throws(ModelError) -> String {
    let tensors = inputs.map(\.tensor)
    switch kind {
    case "add": return node("Add", tensors)
    case "concatenate": return node("Concat", tensors, [.int("axis", 1)])
    case "multiply":
      guard inputs[1].shape.rank < inputs[0].shape.rank else { return node("Mul", tensors) }
      return node(
        "Mul", [tensors[0], node("Unsqueeze", [tensors[1], numbers("axes", [2, 3])])])
    default: throw ModelError("ONNX has no operators for a block that ends on \(kind)")
    }
  }

  private mutating func flattened(_ tensor: String) -> String {
    node("Flatten", [tensor], [.int("axis", 1)])
  }

  /// Writes what gives the numbers of a sample another shape, in the order that they have here unless they may
  /// come in any.
  mutating func reshape(_ x: Activation, to shape: Shape, inAnyOrder: Bool) -> String {
    if x.shape == shape { return x.tensor }
    var tensor = x.tensor
    let keepsChannels = shape.rank > 1 && x.shape.array.last == shape.array.last
    if keepsChannels {
      return node("Reshape", [tensor, numbers("shape", [0] + shape.channelsFirst)])
    }
    if x.shape.changesOrder, !inAnyOrder {
      tensor = node("Transpose", [tensor], [.ints("perm", Self.channelsLast(x.shape.rank))])
    }
    if shape.rank == 1 { return flattened(tensor) }
    guard shape.changesOrder else {
      return node("Reshape", [tensor, numbers("shape", [0] + shape.channelsFirst)])
    }
    let laidOut = node("Reshape", [tensor, numbers("shape", [0] + shape.array)])
    return node("Transpose", [laidOut], [.ints("perm", Self.channelsFirst(shape.rank))])
  }

  private static func channelsLast(_ rank: Int) -> [Int] { [0] + Array(2..<rank + 1) + [1] }
  private static func channelsFirst(_ rank: Int) -> [Int] { [0, rank] + Array(1..<rank) }
}
