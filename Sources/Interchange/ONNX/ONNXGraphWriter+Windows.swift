import NeuralNetwork

extension ONNXGraphWriter {
  mutating func convolution(_ spec: Conv2D, _ x: Activation) -> String {
    convolution(
      x, spec.kernel, inputs: (x.shape.array.last ?? 1) / spec.groups, outputs: spec.filters,
      groups: spec.groups, spec.stride, spec.dilation, spec.padding)
  }

  mutating func convolution(_ spec: DepthwiseConv2D, _ x: Activation) -> String {
    let channels = x.shape.array.last ?? 1
    return convolution(
      x, spec.kernel, inputs: 1, outputs: channels * spec.multiplier, groups: channels,
      spec.stride, spec.dilation, spec.padding)
  }

  private mutating func convolution(
    _ x: Activation, _ extent: Extent2D, inputs: Int, outputs: Int, groups: Int,
    _ stride: Extent2D, _ dilation: Extent2D, _ padding: Padding
  ) -> String {
    let spread = extent.spread(by: dilation)
    let kernel = (values("kernel") ?? []).kernel(
      taps: extent.height * extent.width, inputs: inputs, outputs: outputs)
    let shape = [outputs, inputs] + extent.both
    var tensors = [x.tensor, array("kernel", kernel, shape)]
    if let bias = values("bias") { tensors.append(array("bias", bias, [outputs])) }
    return node(
      "Conv", tensors,
      [
        .ints("dilations", dilation.both), .int("group", groups),
        .ints("kernel_shape", extent.both),
        .ints("pads", padding.sides(of: x.shape, extent: spread, stride: stride)),
        .ints("strides", stride.both),
      ])
  }

  /// A transposed convolution, whose output is cut by the padding, and goes on after the last window where that
  /// does not reach its end.
  mutating func transposedConvolution(
    _ spec: Conv2DTranspose, _ x: Activation, output: Shape
  ) -> String {
    let inputs = x.shape.array.last ?? 1
    let kernel = (values("kernel") ?? []).kernel(
      taps: spec.kernel.height * spec.kernel.width, inputs: spec.filters, outputs: inputs)
    var tensors = [
      x.tensor, array("kernel", kernel, [inputs, spec.filters] + spec.kernel.both),
    ]
    if let bias = values("bias") { tensors.append(array("bias", bias, [spec.filters])) }
    let spread = spec.kernel.spread(by: spec.dilation)
    // What the output has more than its windows reach, or less.
    let beyond = (0..<2).map { axis in
      output[axis] - (x.shape[axis] - 1) * spec.stride.both[axis] - spread.both[axis]
    }
    let cut = beyond.map { max(-$0, 0) }
    return node(
      "ConvTranspose", tensors,
      [
        .ints("dilations", spec.dilation.both), .int("group", 1),
        .ints("kernel_shape", spec.kernel.both),
        .ints("output_padding", beyond.map { max($0, 0) }),
        .ints("pads", cut.map { $0 / 2 } + cut.map { $0 - $0 / 2 }),
        .ints("strides", spec.stride.both),
      ])
  }

  /// The attributes of a pooling.
  ///
  /// - Throws: a `ModelError` where a window may lie in the padding alone, which ONNX does not allow.
  func pooling(
    _ window: Extent2D, stride: Extent2D?, padding: Padding, _ input: Shape
  ) throws(ModelError) -> [ONNXAttribute] {
    let stride = stride ?? window
    let sides = padding.sides(of: input, extent: window, stride: stride)
    guard zip(sides, window.both + window.both).allSatisfy({ $0 < $1 }) else {
      throw ModelError(
        "padding: expected less than its window \(window) on every side, as ONNX allows no more,"
          + " found \(padding.text)")
    }
    return [
      .ints("kernel_shape", window.both), .ints("pads", sides), .ints("strides", stride.both),
    ]
  }

  mutating func resize(_ spec: UpSampling2D, _ x: Activation) -> String {
    guard spec.size != 1 else { return x.tensor }
    let scales = array(
      "scales", [1, 1, Float(spec.size.height), Float(spec.size.width)], [4])
    let attributes: [ONNXAttribute] =
      switch spec.interpolation {
      case .nearest:
        [
          .string("coordinate_transformation_mode", "asymmetric"), .string("mode", "nearest"),
          .string("nearest_mode", "floor"),
        ]
      case .bilinear:
        [.string("coordinate_transformation_mode", "half_pixel"), .string("mode", "linear")]
      }
    return node("Resize", [x.tensor, "", scales], attributes)
  }

  mutating func pad(_ spec: ZeroPadding2D, _ x: Activation) -> String {
    let margins = spec.padding
    guard margins != 0 else { return x.tensor }
    let pads = [0, 0, margins.top, margins.left, 0, 0, margins.bottom, margins.right]
    return node("Pad", [x.tensor, numbers("pads", pads)], [.string("mode", "constant")])
  }
}

extension Extent2D {
  /// Height and width.
  var both: [Int] { [height, width] }

  /// What a kernel of this extent covers whose elements are so far apart.
  func spread(by dilation: Extent2D) -> Extent2D {
    Extent2D((height - 1) * dilation.height + 1, (width - 1) * dilation.width + 1)
  }
}

extension Padding {
  /// The rows above an image, the columns left of it, the rows below and the columns right of it.
  func sides(of image: Shape, extent: Extent2D, stride: Extent2D) -> [Int] {
    let rows = amounts(
      input: image[0], extent: extent.height, stride: stride.height, vertical: true)
    let columns = amounts(
      input: image[1], extent: extent.width, stride: stride.width, vertical: false)
    return [rows.before, columns.before, rows.after, columns.after]
  }
}
