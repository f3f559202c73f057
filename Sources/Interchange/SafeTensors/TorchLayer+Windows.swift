import NeuralNetwork

/// Convolutions, dense layers and poolings.
extension TorchLayer {
  mutating func conv(_ spec: Conv2D) {
    let window = TorchWindow(
      shape, spec.kernel, stride: spec.stride, dilation: spec.dilation, padding: spec.padding)
    construction =
      "nn.Conv2d(\(shape[2]), \(spec.filters), \(Self.pair(spec.kernel))"
      + window.settings(spec.stride, spec.dilation)
      + (spec.groups == 1 ? "" : ", groups=\(spec.groups)") + (spec.bias ? ")" : ", bias=False)")
    expression = "\(call)(\(window.padded(x)))"
    let kernel = [spec.kernel.height, spec.kernel.width, shape[2] / spec.groups, spec.filters]
    add("weight", "kernel", AxisOrder(extents: kernel, axes: [3, 2, 0, 1]))
    add("bias", "bias")
  }

  mutating func depthwise(_ spec: DepthwiseConv2D) {
    let window = TorchWindow(
      shape, spec.kernel, stride: spec.stride, dilation: spec.dilation, padding: spec.padding)
    let filters = node.outputShape[2]
    construction =
      "nn.Conv2d(\(shape[2]), \(filters), \(Self.pair(spec.kernel))"
      + window.settings(spec.stride, spec.dilation) + ", groups=\(shape[2])"
      + (spec.bias ? ")" : ", bias=False)")
    expression = "\(call)(\(window.padded(x)))"
    let kernel = [spec.kernel.height, spec.kernel.width, shape[2], spec.multiplier]
    add(
      "weight", "kernel", AxisOrder(extents: kernel, axes: [2, 3, 0, 1]),
      shape: [filters, 1, spec.kernel.height, spec.kernel.width])
    add("bias", "bias")
  }

  mutating func transposed(_ spec: Conv2DTranspose) throws(ModelError) {
    let place = TorchTransposition(spec, input: shape, output: node.outputShape)
    construction =
      "nn.ConvTranspose2d(\(shape[2]), \(spec.filters), \(Self.pair(spec.kernel))"
      + (try place.settings(spec)) + (spec.bias ? ")" : ", bias=False)")
    expression = "\(call)(\(x))" + place.crop
    let kernel = [spec.kernel.height, spec.kernel.width, spec.filters, shape[2]]
    add("weight", "kernel", AxisOrder(extents: kernel, axes: [3, 2, 0, 1]))
    add("bias", "bias")
  }

  mutating func dense(_ spec: Dense) {
    construction = "nn.Linear(\(shape[0]), \(spec.units)" + (spec.bias ? ")" : ", bias=False)")
    expression = "\(call)(\(x))"
    let order =
      if let image = inputs[0].order {
        AxisOrder(extents: [image[0] * image[1], image[2], spec.units], axes: [2, 1, 0])
      } else {
        AxisOrder(extents: [shape[0], spec.units], axes: [1, 0])
      }
    add("weight", "kernel", order, shape: [spec.units, shape[0]])
    add("bias", "bias")
  }

  // MARK: Pooling

  mutating func maxPool(_ spec: MaxPool2D) {
    let stride = spec.stride ?? spec.window
    let window = TorchWindow(shape, spec.window, stride: stride, padding: spec.padding)
    let settings = "\(Self.pair(spec.window)), \(Self.pair(stride))"
    if let margins = window.poolingMargins {
      expression = "F.max_pool2d(\(x), \(settings)\(margins))"
    } else {
      helpers.insert(.maxPool)
      expression = "max_pool2d(\(x), \(settings), \(window.margins))"
    }
  }

  mutating func avgPool(_ spec: AvgPool2D) {
    let stride = spec.stride ?? spec.window
    let window = TorchWindow(shape, spec.window, stride: stride, padding: spec.padding)
    let settings = "\(Self.pair(spec.window)), \(Self.pair(stride))"
    if let margins = window.poolingMargins {
      expression =
        "F.avg_pool2d(\(x), \(settings)\(margins)"
        + (margins.isEmpty ? ")" : ", count_include_pad=False)")
    } else {
      helpers.insert(.avgPool)
      expression = "avg_pool2d(\(x), \(settings), \(window.margins))"
    }
  }
}
