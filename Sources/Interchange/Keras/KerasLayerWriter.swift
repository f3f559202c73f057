import NeuralNetwork

/// A layer of Keras that an export states: one of ours is one of Keras's, or a few one after the other.
struct KerasStage {
  /// What its name ends with, after that of the layer.
  var suffix = ""
  /// Keras's class.
  let className: String
  /// Its settings, without what every layer has.
  let settings: [String: JSONValue]
  /// The shape of a sample of its output.
  let output: Shape
  /// Whether it has the variables of the layer.
  var hasVariables = false
}

/// States layers of ours in Keras's terms.
struct KerasLayerWriter {
  /// The layer.
  let node: Node
  /// The shape of a sample that it reads.
  let input: Shape
  /// Whether no number it reads is below 0.
  let isInputAtLeastZero: Bool

  /// The layer in Keras's terms.
  ///
  /// - Throws: a `ModelError` where Keras has no such layer.
  func stages() throws(ModelError) -> [KerasStage] {
    switch node.spec {
    case let spec as Conv2D:
      return windowed(
        "Conv2D", spec.kernel, stride: spec.stride, dilation: spec.dilation, spec.padding,
        [
          "filters": .integer(spec.filters), "groups": .integer(spec.groups),
          "use_bias": .boolean(spec.bias),
        ])
    case let spec as DepthwiseConv2D:
      return windowed(
        "DepthwiseConv2D", spec.kernel, stride: spec.stride, dilation: spec.dilation,
        spec.padding,
        ["depth_multiplier": .integer(spec.multiplier), "use_bias": .boolean(spec.bias)])
    case let spec as Conv2DTranspose: return [try transposed(spec)]
    case let spec as Dense:
      return [variable("Dense", ["units": .integer(spec.units), "use_bias": .boolean(spec.bias)])]
    case let spec as MaxPool2D:
      return try pooling("MaxPooling2D", spec.window, stride: spec.stride, spec.padding)
    case let spec as AvgPool2D:
      return try pooling("AveragePooling2D", spec.window, stride: spec.stride, spec.padding)
    case let spec as ZeroPadding2D:
      let padding = spec.padding
      return [zeros(padding.top, padding.bottom, padding.left, padding.right)]
    case let spec as BatchNorm:
      return [
        variable(
          "BatchNormalization",
          [
            "axis": -1, "momentum": JSONValue(spec.momentum), "epsilon": JSONValue(spec.epsilon),
            "center": .boolean(spec.center), "scale": .boolean(spec.scale),
          ])
      ]
    case let spec as GroupNorm:
      return [
        variable(
          "GroupNormalization",
          [
            "axis": -1, "groups": .integer(spec.groups), "epsilon": JSONValue(spec.epsilon),
            "center": .boolean(spec.center), "scale": .boolean(spec.scale),
          ])
      ]
    case let spec as LayerNorm:
      let axes = spec.axes == .last ? JSONValue.integer(-1) : JSONValue(Array(1...input.rank))
      return [
        variable(
          "LayerNormalization",
          [
            "axis": axes, "epsilon": JSONValue(spec.epsilon), "center": .boolean(spec.center),
            "scale": .boolean(spec.scale),
          ])
      ]
    case let spec as PReLU:
      let isShared = spec.shared && input.rank > 1
      let axes = isShared ? JSONValue(Array(1..<input.rank)) : .null
      return [variable("PReLU", ["shared_axes": axes])]
    case is Normalization: return [variable("Normalization", ["axis": -1])]
    default: return [try plain()]
    }
  }

  /// A layer without variables or a window.
  private func plain() throws(ModelError) -> KerasStage {
    switch node.spec {
    case is GlobalAvgPool2D: return fixed("GlobalAveragePooling2D")
    case is GlobalMaxPool2D: return fixed("GlobalMaxPooling2D")
    case let spec as UpSampling2D:
      return fixed(
        "UpSampling2D",
        [
          "size": JSONValue(spec.size.height, spec.size.width),
          "interpolation": .text(spec.interpolation.rawValue),
        ])
    case is ReLU: return fixed("ReLU")
    case is ReLU6: return fixed("ReLU", ["max_value": 6])
    case let spec as LeakyReLU:
      return fixed("LeakyReLU", ["negative_slope": JSONValue(spec.slope)])
    case let spec as ELU: return fixed("ELU", ["alpha": JSONValue(spec.alpha)])
    case is GELU: return fixed("Activation", ["activation": "gelu"])
    case is SiLU: return fixed("Activation", ["activation": "silu"])
    case is Sigmoid: return fixed("Activation", ["activation": "sigmoid"])
    case is Tanh: return fixed("Activation", ["activation": "tanh"])
    case is Softmax: return fixed("Softmax", ["axis": -1])
    case let spec as Dropout: return fixed("Dropout", ["rate": JSONValue(spec.rate)])
    case let spec as SpatialDropout2D:
      return fixed("SpatialDropout2D", ["rate": JSONValue(spec.rate)])
    case let spec as GaussianNoise:
      return fixed("GaussianNoise", ["stddev": JSONValue(spec.stddev)])
    case let spec as Rescaling:
      return fixed(
        "Rescaling", ["scale": JSONValue(spec.scale), "offset": JSONValue(spec.offset)])
    case is Flatten: return fixed("Flatten")
    case is Reshape:
      return fixed("Reshape", ["target_shape": JSONValue(node.outputShape.array)])
    default: throw ModelError("Keras has no layer that does what \(node.kind) does")
    }
  }

  private func fixed(_ name: String, _ settings: [String: JSONValue] = [:]) -> KerasStage {
    KerasStage(className: name, settings: settings, output: node.outputShape)
  }

  private func variable(_ name: String, _ settings: [String: JSONValue]) -> KerasStage {
    KerasStage(
      className: name, settings: settings, output: node.outputShape, hasVariables: true)
  }

  private func zeros(_ top: Int, _ bottom: Int, _ left: Int, _ right: Int) -> KerasStage {
    KerasStage(
      className: "ZeroPadding2D",
      settings: ["padding": .list([JSONValue(top, bottom), JSONValue(left, right)])],
      output: [input[0] + top + bottom, input[1] + left + right, input[2]])
  }

  /// The rows and columns of zeros round an image for a window.
  private func margins(
    _ padding: Padding, _ spread: Extent2D, _ stride: Extent2D
  ) -> (top: Int, bottom: Int, left: Int, right: Int) {
    let rows = padding.amounts(
      input: input[0], extent: spread.height, stride: stride.height, vertical: true)
    let columns = padding.amounts(
      input: input[1], extent: spread.width, stride: stride.width, vertical: false)
    return (rows.before, rows.after, columns.before, columns.after)
  }

  /// A convolution. Padding that Keras has no name for is a layer before it. Where Keras does not know the stride, it
  /// is computed at every position, and those between the strides are left out by a pooling of single pixels.
  private func windowed(
    _ name: String, _ kernel: Extent2D, stride: Extent2D, dilation: Extent2D, _ padding: Padding,
    _ settings: [String: JSONValue]
  ) -> [KerasStage] {
    let spread = Extent2D(
      (kernel.height - 1) * dilation.height + 1, (kernel.width - 1) * dilation.width + 1)
    // Keras refuses a stride beside a dilation and, of depthwise convolutions, two different ones.
    let isUneven = node.spec is DepthwiseConv2D && stride.height != stride.width
    let isThinned = isUneven || (stride != 1 && dilation != 1)
    var stages: [KerasStage] = []
    var size = Extent2D(input[0], input[1])
    var stated = "same"
    if isThinned || padding != .same {
      let (top, bottom, left, right) = margins(padding, spread, stride)
      stated = "valid"
      size = Extent2D(size.height + top + bottom, size.width + left + right)
      if top + bottom + left + right > 0 {
        var before = zeros(top, bottom, left, right)
        before.suffix = "_padding"
        stages.append(before)
      }
    }
    let own: [String: JSONValue] = [
      "kernel_size": JSONValue(kernel.height, kernel.width), "padding": .text(stated),
      "strides": isThinned ? [1, 1] : JSONValue(stride.height, stride.width),
      "dilation_rate": JSONValue(dilation.height, dilation.width),
    ]
    stages.append(
      KerasStage(
        className: name, settings: settings.merging(own) { $1 },
        output: isThinned
          ? [size.height - spread.height + 1, size.width - spread.width + 1, node.outputShape[2]]
          : node.outputShape, hasVariables: true))
    if isThinned {
      stages.append(
        KerasStage(
          suffix: "_stride", className: "MaxPooling2D",
          settings: [
            "pool_size": [1, 1], "padding": "valid",
            "strides": JSONValue(stride.height, stride.width),
          ], output: node.outputShape))
    }
    return stages
  }

  private func transposed(_ spec: Conv2DTranspose) throws(ModelError) -> KerasStage {
    guard spec.stride == 1 || spec.dilation == 1 else {
      throw ModelError("Keras has no transposed convolution with a stride and a dilation")
    }
    return variable(
      "Conv2DTranspose",
      [
        "filters": .integer(spec.filters),
        "kernel_size": JSONValue(spec.kernel.height, spec.kernel.width),
        "strides": JSONValue(spec.stride.height, spec.stride.width),
        "padding": .text(spec.padding.rawValue),
        "output_padding": spec.outputPadding.map { JSONValue($0.height, $0.width) } ?? .null,
        "dilation_rate": JSONValue(spec.dilation.height, spec.dilation.width),
        "use_bias": .boolean(spec.bias),
      ])
  }

  /// A pooling. Zeros round an image change no maximum of numbers from 0 on, but they do change a mean.
  private func pooling(
    _ name: String, _ window: Extent2D, stride: Extent2D?, _ padding: Padding
  ) throws(ModelError) -> [KerasStage] {
    let stride = stride ?? window
    let own = margins(padding, window, stride)
    let isSame = own == margins(.same, window, stride)
    let isNone = own == (0, 0, 0, 0)
    let pooling = fixed(
      name,
      [
        "pool_size": JSONValue(window.height, window.width),
        "strides": JSONValue(stride.height, stride.width),
        "padding": padding == .same || (isSame && !isNone) ? "same" : "valid",
      ])
    if isSame || isNone { return [pooling] }
    guard node.spec is MaxPool2D, isInputAtLeastZero else {
      throw ModelError(
        "Keras has no \(node.kind) with padding \(padding.text)",
        hint: "padding: same, or valid after a zero_padding2d")
    }
    var before = zeros(own.top, own.bottom, own.left, own.right)
    before.suffix = "_padding"
    return [before, pooling]
  }
}
