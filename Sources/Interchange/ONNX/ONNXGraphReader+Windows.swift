import NeuralNetwork

extension ONNXGraphReader {
  mutating func readConvolution(_ node: ONNXNode) throws(ONNXProblem) {
    let x = try image(node)
    let kernel = try array(node, 1)
    var settings = try ONNXSettings(node)
    let groups = try settings.int("group", default: 1)
    let form = try windowForm(&settings, kernel.shape)
    try settings.end()
    let (outputs, inputs) = (kernel.shape[0], kernel.shape[1])
    guard groups > 0, inputs == x.shape[2] / groups else {
      throw ONNXProblem(
        expected: "a kernel for \(x.shape[2]) channels in \(groups) groups",
        found: "\(kernel.shape)")
    }
    let hasBias = node.inputs.count > 2
    let padding = form.padding(of: x.shape)
    let layer: Appended
    if groups == x.shape[2], groups > 1, outputs % groups == 0 {
      layer = try append(
        DepthwiseConv2D(
          kernel: form.extent, stride: form.stride, padding: padding, dilation: form.dilation,
          multiplier: outputs / groups, bias: hasBias), x, node)
    } else {
      layer = try append(
        Conv2D(
          filters: outputs, kernel: form.extent, stride: form.stride, padding: padding,
          dilation: form.dilation, groups: groups, bias: hasBias), x, node)
    }
    let taps = form.extent.height * form.extent.width
    try fill(layer, "kernel", kernel) {
      $0.kernelHere(taps: taps, inputs: inputs, outputs: outputs)
    }
    if hasBias { try fill(layer, "bias", try array(node, 2)) }
  }

  mutating func readTransposedConvolution(_ node: ONNXNode) throws(ONNXProblem) {
    let x = try image(node)
    let kernel = try array(node, 1)
    var settings = try ONNXSettings(node)
    try settings.expect("group", 1, default: 1)
    let after = try settings.ints("output_padding", count: 2, default: [0, 0])
    let form = try windowForm(&settings, kernel.shape)
    try settings.end()
    let (inputs, filters) = (kernel.shape[0], kernel.shape[1])
    guard inputs == x.shape[2] else {
      throw ONNXProblem(
        expected: "a kernel for \(x.shape[2]) channels", found: "\(kernel.shape)")
    }
    let (padding, outputPadding) = try form.transposed(outputPadding: after)
    let hasBias = node.inputs.count > 2
    let layer = try append(
      Conv2DTranspose(
        filters: filters, kernel: form.extent, stride: form.stride, padding: padding,
        outputPadding: outputPadding, dilation: form.dilation, bias: hasBias), x, node)
    let taps = form.extent.height * form.extent.width
    try fill(layer, "kernel", kernel) {
      $0.kernelHere(taps: taps, inputs: filters, outputs: inputs)
    }
    if hasBias { try fill(layer, "bias", try array(node, 2)) }
  }

  mutating func readPooling(_ node: ONNXNode) throws(ONNXProblem) {
    let x = try image(node)
    var settings = try ONNXSettings(node)
    let window = try settings.extent("kernel_shape", default: nil)
    let stride = try settings.extent("strides", default: 1)
    let sides = try settings.ints("pads", count: 4, default: [0, 0, 0, 0])
    let form = ONNXWindow(extent: window, stride: stride, dilation: 1, sides: sides)
    let padding = form.padding(of: x.shape)
    if node.type == "MaxPool" {
      try settings.end()
      try append(MaxPool2D(window: window, stride: stride, padding: padding), x, node)
    } else {
      try settings.expect("count_include_pad", 0, default: 0)
      try settings.end()
      try append(AvgPool2D(window: window, stride: stride, padding: padding), x, node)
    }
  }

  /// The operators leave an image of one pixel, which a node after them makes a vector.
  mutating func readGlobalPooling(
    _ spec: some LayerSpec, _ node: ONNXNode
  ) throws(ONNXProblem) {
    let x = try image(node)
    try ONNXSettings(node).end()
    guard let flatten = index.take("Flatten", after: node.outputs[0]) else {
      throw ONNXProblem(expected: "a Flatten after it", found: "none")
    }
    try readAxis(flatten)
    try append(spec, x, flatten)
  }

  mutating func readResize(_ node: ONNXNode) throws(ONNXProblem) {
    let x = try image(node)
    let scales = try array(node, 2)
    let numbers = scales.floats
    guard scales.shape == [4], scales.element == .float, node.inputs[1].isEmpty,
      numbers[0] == 1, numbers[1] == 1, let rows = Int(exactly: numbers[2]),
      let columns = Int(exactly: numbers[3])
    else { throw ONNXProblem(expected: "whole factors of rows and columns", found: "others") }
    let isNearest = node.attributes.contains { $0.value == .string("nearest") }
    var settings = try ONNXSettings(node)
    let mode = "coordinate_transformation_mode"
    if isNearest {
      try settings.expect("mode", "nearest", default: "nearest")
      try settings.expect("nearest_mode", "floor", default: "round_prefer_floor")
      try settings.expect(mode, "asymmetric", default: "half_pixel")
    } else {
      try settings.expect("mode", "linear", default: "nearest")
      try settings.expect(mode, "half_pixel", default: "half_pixel")
    }
    try settings.end()
    try append(
      UpSampling2D(
        size: Extent2D(rows, columns), interpolation: isNearest ? .nearest : .bilinear), x, node)
  }

  mutating func readPad(_ node: ONNXNode) throws(ONNXProblem) {
    let x = try image(node)
    var settings = try ONNXSettings(node)
    try settings.expect("mode", "constant", default: "constant")
    try settings.end()
    let sides = try numbers(node, 1)
    guard node.inputs.count == 2, sides.count == 8, sides.allSatisfy({ $0 >= 0 }),
      [0, 1, 4, 5].allSatisfy({ sides[$0] == 0 })
    else { throw ONNXProblem(expected: "zeros round the image", found: "\(sides)") }
    let margins = Margins(top: sides[2], bottom: sides[6], left: sides[3], right: sides[7])
    try append(ZeroPadding2D(padding: margins), x, node)
  }

  /// Stride, dilation and padding of a kernel `[outputs, inputs, height, width]`.
  private func windowForm(
    _ settings: inout ONNXSettings, _ kernel: [Int]
  ) throws(ONNXProblem) -> ONNXWindow {
    guard kernel.count == 4, kernel.allSatisfy({ (1...1 << 26).contains($0) }) else {
      throw ONNXProblem(expected: "a kernel of four extents", found: "\(kernel)")
    }
    let extent = try settings.extent("kernel_shape", default: Extent2D(kernel[2], kernel[3]))
    guard extent.both == Array(kernel[2...]) else {
      throw ONNXProblem(
        expected: "\(kernel[2])×\(kernel[3]) for attribute kernel_shape", found: "\(extent)")
    }
    return ONNXWindow(
      extent: extent, stride: try settings.extent("strides", default: 1),
      dilation: try settings.extent("dilations", default: 1),
      sides: try settings.ints("pads", count: 4, default: [0, 0, 0, 0]))
  }
}

extension ONNXSettings {
  /// A height and a width, each at least 1; `nil` as the default where they must be stated.
  mutating func extent(_ name: String, default standard: Extent2D?) throws(ONNXProblem) -> Extent2D
  {
    let numbers = try ints(name, count: 2, default: standard?.both)
    guard numbers.allSatisfy({ (1...1 << 15).contains($0) }) else {
      throw ONNXProblem(expected: "1 to \(1 << 15) for attribute \(name)", found: "\(numbers)")
    }
    return Extent2D(numbers[0], numbers[1])
  }
}

/// How the attributes of a node state a window.
private struct ONNXWindow {
  let extent: Extent2D
  let stride: Extent2D
  let dilation: Extent2D
  /// Above, on the left, below, on the right.
  let sides: [Int]

  /// The padding, by the name of a rule where one gives these sides.
  func padding(of image: Shape) -> Padding {
    if sides == [0, 0, 0, 0] { return .valid }
    let same = Padding.same.sides(of: image, extent: extent.spread(by: dilation), stride: stride)
    return sides == same
      ? .same
      : .explicit(top: sides[0], bottom: sides[2], left: sides[1], right: sides[3])
  }

  /// What gives a transposed convolution an output that is cut and goes on like this.
  func transposed(
    outputPadding after: [Int]
  ) throws(ONNXProblem) -> (Conv2DTranspose.Padding, Extent2D?) {
    let spread = extent.spread(by: dilation).both, stride = stride.both
    let (before, behind) = (sides.prefix(2), sides.suffix(2))
    // What the output has beyond the windows' first positions.
    var ends: [Int] = []
    for (axis, (first, last)) in zip(before, behind).enumerated() {
      ends.append(spread[axis] + after[axis] - first - last)
    }
    if sides == [0, 0, 0, 0] {
      let isUsual = ends == zip(spread, stride).map(max)
      return (.valid, isUsual ? nil : Extent2D(after[0], after[1]))
    }
    let cut = zip(spread, ends).map { max($0 - $1, 0) }
    guard Array(before) == cut.map({ $0 / 2 }), Array(behind) == cut.map({ $0 - $0 / 2 }) else {
      throw ONNXProblem(expected: "as much cut off before as after", found: "\(sides)")
    }
    guard ends != stride else { return (.same, nil) }
    return (.same, Extent2D(ends[0] - spread[0] % 2, ends[1] - spread[1] % 2))
  }
}
