import NeuralNetwork

extension ONNXGraphReader {
  /// Reads a node, and those that are one layer with it.
  mutating func read(_ node: ONNXNode) throws(ONNXProblem) {
    switch node.type {
    case "Conv": try readConvolution(node)
    case "ConvTranspose": try readTransposedConvolution(node)
    case "Gemm": try readDense(node)
    case "MaxPool", "AveragePool": try readPooling(node)
    case "GlobalMaxPool": try readGlobalPooling(GlobalMaxPool2D(), node)
    case "GlobalAveragePool": try readGlobalPooling(GlobalAvgPool2D(), node)
    case "Resize": try readResize(node)
    case "Pad": try readPad(node)
    case "Flatten": try readFlatten(node)
    case "Reshape": try readReshape(node)
    case "Transpose": try readTranspose(node)
    case "Unsqueeze": try readUnsqueeze(node)
    case "Identity":
      try ONNXSettings(node).end()
      // It is written where no layer does anything, and a network has at least one.
      try append(Rescaling(scale: 1), try activation(node), node)
    case "BatchNormalization": try readBatchNormalization(node)
    case "ReduceMean": try readLayerNormalization(node)
    case "Sub": try readNormalization(node)
    case "Add" where optionalArray(node, 1) == nil: try readSum(node)
    case "Mul" where optionalArray(node, 1) == nil: try readProduct(node)
    case "Add", "Mul": try readRescaling(node)
    case "Concat": try readConcatenation(node)
    default: try readActivation(node)
    }
  }

  private mutating func readDense(_ node: ONNXNode) throws(ONNXProblem) {
    let x = try operand(node)
    var settings = try ONNXSettings(node)
    for name in ["alpha", "beta"] {
      guard try settings.float(name, default: 1) == 1 else {
        throw ONNXProblem(expected: "1 for attribute \(name)", found: "something else")
      }
    }
    try settings.expect("transA", 0, default: 0)
    try settings.expect("transB", 0, default: 0)
    try settings.end()
    let kernel = try array(node, 1)
    guard kernel.shape.count == 2, kernel.shape[1] > 0 else {
      throw ONNXProblem(expected: "a kernel of two extents", found: "\(kernel.shape)")
    }
    let (units, order) = (kernel.shape[1], x.order)
    let hasBias = node.inputs.count > 2
    let layer = try append(Dense(units: units, bias: hasBias), x, node)
    try fill(layer, "kernel", kernel) { $0.channelsLast(of: order, block: units) }
    if hasBias { try fill(layer, "bias", try array(node, 2)) }
  }

  private mutating func readActivation(_ node: ONNXNode) throws(ONNXProblem) {
    let x = try operand(node)
    var settings = try ONNXSettings(node)
    switch node.type {
    case "Relu": try append(ReLU(), x, node, layout: x.layout)
    case "LeakyRelu":
      let slope = try settings.float("alpha", default: 0.01)
      try append(LeakyReLU(slope: slope), x, node, layout: x.layout)
    case "Elu":
      let alpha = try settings.float("alpha", default: 1)
      try append(ELU(alpha: alpha), x, node, layout: x.layout)
    case "Clip":
      guard try number(node, 1) == 0, try number(node, 2) == 6 else {
        throw ONNXProblem(expected: "bounds 0 and 6", found: "others")
      }
      try append(ReLU6(), x, node, layout: x.layout)
    case "PRelu": try readPReLU(x, node)
    case "Sigmoid":
      if let product = index.takeProduct(of: node.inputs[0], after: node.outputs[0]) {
        try append(SiLU(), x, product, layout: x.layout)
      } else {
        try append(Sigmoid(), x, node, layout: x.layout)
      }
    case "Tanh": try append(Tanh(), x, node, layout: x.layout)
    case "Softmax":
      let axis = try settings.int("axis", default: -1)
      guard axis == 1 || axis == -1 && x.shape.rank == 1 else {
        throw ONNXProblem(expected: "1 for attribute axis", found: "\(axis)")
      }
      try append(Softmax(), x, node, layout: x.layout)
    case "Div": try readGELU(x, node)
    default: throw ONNXProblem(expected: "an operator that minicnn writes", found: node.type)
    }
    try settings.end()
  }

  private mutating func readPReLU(_ x: Activation, _ node: ONNXNode) throws(ONNXProblem) {
    let slopes = try array(node, 1)
    let isShared = slopes.shape == x.shape.channels && x.shape.rank > 1
    guard isShared || slopes.shape == x.shape.channelsFirst else {
      throw ONNXProblem(
        expected: "slopes of \(x.shape.channels) or \(x.shape.channelsFirst)",
        found: "\(slopes.shape)")
    }
    let layer = try append(PReLU(shared: isShared), x, node, layout: x.layout)
    try fill(layer, "alpha", slopes, arrangement(for: x))
  }

  // MARK: What joins

  private mutating func readSum(_ node: ONNXNode) throws(ONNXProblem) {
    let (a, b) = try both(node)
    guard a.shape == b.shape, a.layout == .channelsFirst, b.layout == .channelsFirst else {
      throw ONNXProblem(expected: "a sum of one shape", found: "\(a.shape) and \(b.shape)")
    }
    try join(.sum, [a, try distinct(b, from: a, node)], a.shape, node)
  }

  private mutating func readProduct(_ node: ONNXNode) throws(ONNXProblem) {
    let (a, b) = try both(node)
    let (image, factor) = a.layout == .factors ? (b, a) : (a, b)
    let isScaled =
      image.shape.rank == 3 && factor.shape.count == image.shape[2]
      && (factor.layout == .factors || factor.shape == [1, 1, image.shape[2]])
    guard image.layout == .channelsFirst,
      isScaled || (factor.shape == image.shape && factor.layout == .channelsFirst)
    else {
      throw ONNXProblem(
        expected: "a product of one shape, or with a factor for each channel",
        found: "\(a.shape) and \(b.shape)")
    }
    try join(.product, [image, try distinct(factor, from: image, node)], image.shape, node)
  }

  private mutating func readConcatenation(_ node: ONNXNode) throws(ONNXProblem) {
    var settings = try ONNXSettings(node)
    try settings.expect("axis", 1, default: 0)
    try settings.end()
    var inputs: [Activation] = []
    for place in node.inputs.indices { inputs.append(try activation(node, place)) }
    guard inputs.count >= 2, let first = inputs.first,
      inputs.allSatisfy({
        $0.layout == .channelsFirst && $0.shape.rank == first.shape.rank
          && $0.shape.array.dropLast() == first.shape.array.dropLast()
      })
    else {
      throw ONNXProblem(
        expected: "two or more that differ in their channels alone", found: "others")
    }
    let channels = inputs.reduce(0) { $0 + ($1.shape.array.last ?? 0) }
    try join(.concatenation, inputs, Shape(first.shape.array.dropLast() + [channels]), node)
  }

  private func both(_ node: ONNXNode) throws(ONNXProblem) -> (Activation, Activation) {
    try ONNXSettings(node).end()
    guard node.inputs.count == 2 else {
      throw ONNXProblem(expected: "two inputs", found: "\(node.inputs.count)")
    }
    return (try activation(node, 0), try activation(node, 1))
  }
}

extension ONNXGraphReader {
  /// The activation that a node reads, with its channels first, or a vector in any order.
  func operand(_ node: ONNXNode) throws(ONNXProblem) -> Activation {
    let x = try activation(node)
    guard x.layout != .channelsLast, x.layout != .factors else { throw unordered }
    return x
  }

  /// The image that a node reads.
  func image(_ node: ONNXNode) throws(ONNXProblem) -> Activation {
    let x = try activation(node)
    guard x.shape.rank == 3, x.layout == .channelsFirst else {
      throw ONNXProblem(expected: "an image [N, C, H, W]", found: "\(x.shape)")
    }
    return x
  }

  /// The problem of an operator that would give the axes a meaning they do not have here.
  var unordered: ONNXProblem {
    ONNXProblem(expected: "channels first", found: "another order of the axes")
  }

  /// What brings numbers of each channel, or of each number of a sample, into the order that they have here.
  func arrangement(for x: Activation) -> ([Float]) -> [Float] {
    let (order, shape) = (x.order, x.shape)
    return { $0.count == shape.count ? $0.channelsLast(of: order) : $0 }
  }

  /// A single number of the file that a node reads.
  func number(_ node: ONNXNode, _ place: Int) throws(ONNXProblem) -> Float {
    let array = try array(node, place)
    guard array.element == .float, array.shape.isEmpty, let value = array.floats.first else {
      throw ONNXProblem(
        expected: "input \(place + 1) to be a single float", found: "\(array.shape)")
    }
    return value
  }

  /// A vector of whole numbers of the file that a node reads, at most eight of them.
  func numbers(_ node: ONNXNode, _ place: Int) throws(ONNXProblem) -> [Int] {
    let array = try array(node, place)
    guard array.element == .int64, array.shape.count == 1, (1...8).contains(array.shape[0]) else {
      throw ONNXProblem(
        expected: "input \(place + 1) to be a vector of whole numbers", found: "\(array.shape)")
    }
    var result: [Int] = []
    for start in stride(from: array.bytes.startIndex, to: array.bytes.endIndex, by: 8) {
      let bits = array.bytes[start..<start + 8].reversed().reduce(UInt64(0)) {
        $0 << 8 | UInt64($1)
      }
      let number = Int64(bitPattern: bits)
      guard (-1...1 << 26).contains(number) else {
        throw ONNXProblem(expected: "numbers from -1 to \(1 << 26)", found: "\(number)")
      }
      result.append(Int(number))
    }
    return result
  }
}

extension ONNXGraphReader.Activation {
  /// The shape whose numbers, channel by channel, these are.
  var order: Shape {
    if case .channelByChannel(let image) = layout { image } else { shape }
  }
}
