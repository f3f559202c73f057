import NeuralNetwork

/// A node of a network as PyTorch has it: the module that holds its weights, the expression that computes it, and
/// the arrays of a state dict that are its variables.
///
/// Images are `[N, channels, height, width]`, as PyTorch has them, everything else is as here.
struct TorchLayer {
  /// What the node reads.
  struct Input {
    /// The variable of the program that holds it.
    let name: String
    /// The shape of a sample, as ours.
    let shape: Shape
    /// The image in whose channels-first order a vector is (``VectorOrder``).
    let order: Shape?
  }

  /// How the module is made, `nn.Conv2d(1, 6, 5)`; `nil` where the node is a function without weights.
  var construction: String?
  /// The node's output, `self.conv2d(x)`.
  var expression = ""
  /// Its arrays, in the order in which PyTorch's layer has them.
  var tensors: [TorchTensor] = []
  /// What the program has to define for it.
  var helpers: Set<TorchHelper> = []

  let node: Node
  let inputs: [Input]
  let attribute: String
  private let entries: [VariableLayout.Entry]
  /// Whether its output is a vector in the order of channels-first images.
  private let flattensChannelsFirst: Bool

  /// - Throws: a `ModelError` where PyTorch has nothing like it.
  init(
    _ number: Int, of network: Network, _ inputs: [Input], attribute: String, order: Shape?
  ) throws(ModelError) {
    node = network.nodes[number]
    entries = network.layout.entries.filter { $0.node == number }
    (self.inputs, self.attribute) = (inputs, attribute)
    flattensChannelsFirst = order != nil
    switch node.spec {
    case let spec as Conv2D: conv(spec)
    case let spec as DepthwiseConv2D: depthwise(spec)
    case let spec as Conv2DTranspose: try transposed(spec)
    case let spec as Dense: dense(spec)
    case let spec as MaxPool2D: maxPool(spec)
    case let spec as AvgPool2D: avgPool(spec)
    case is GlobalMaxPool2D: expression = "\(x).amax(dim=(2, 3))"
    case is GlobalAvgPool2D: expression = "\(x).mean(dim=(2, 3))"
    case let spec as UpSampling2D: upsample(spec)
    case let spec as ZeroPadding2D:
      let m = spec.padding
      expression = "F.pad(\(x), (\(m.left), \(m.right), \(m.top), \(m.bottom)))"
    case let spec as BatchNorm: batchNorm(spec)
    case let spec as GroupNorm: groupNorm(spec)
    case let spec as LayerNorm: layerNorm(spec)
    case is Normalization: normalization()
    case let spec as PReLU: prelu(spec)
    case is Flatten: reshape(to: [shape.count])
    case is Reshape: reshape(to: node.outputShape)
    case nil: try combination()
    default: try function()
    }
  }

  /// The variable that holds the input.
  var x: String { inputs[0].name }
  /// The shape of the input, as ours.
  var shape: Shape { inputs[0].shape }
  var isImage: Bool { shape.rank == 3 }
  /// The axis of the channels in PyTorch's array of the input.
  var channelAxis: Int { isImage ? 1 : shape.rank }
  var call: String { "self.\(attribute)" }

  // MARK: What holds no weights

  private mutating func function() throws(ModelError) {
    expression =
      switch node.spec {
      case is ReLU: "F.relu(\(x))"
      case is ReLU6: "F.relu6(\(x))"
      case let spec as LeakyReLU: "F.leaky_relu(\(x), \(spec.slope))"
      case let spec as ELU: "F.elu(\(x), \(spec.alpha))"
      case is GELU: "F.gelu(\(x))"
      case is SiLU: "F.silu(\(x))"
      case is Sigmoid: "torch.sigmoid(\(x))"
      case is Tanh: "torch.tanh(\(x))"
      case is Softmax: "\(x).softmax(dim=\(channelAxis))"
      case let spec as Dropout: "F.dropout(\(x), \(spec.rate), self.training)"
      case let spec as SpatialDropout2D: "F.dropout2d(\(x), \(spec.rate), self.training)"
      case let spec as GaussianNoise:
        "\(x) + \(spec.stddev) * torch.randn_like(\(x)) if self.training else \(x)"
      case let spec as Rescaling:
        spec.offset == 0 ? "\(x) * \(spec.scale)" : "\(x) * \(spec.scale) + \(spec.offset)"
      default:
        throw ModelError("PyTorch has no layer like \(node.kind)")
      }
  }

  private mutating func combination() throws(ModelError) {
    let names = inputs.map(\.name)
    switch node.kind {
    case "add": expression = names.joined(separator: " + ")
    case "multiply":
      let isFactor = isImage && inputs[1].shape.rank == 1
      expression = "\(names[0]) * \(names[1])" + (isFactor ? "[:, :, None, None]" : "")
    case "concatenate":
      expression = "torch.cat([\(names.joined(separator: ", "))], dim=\(channelAxis))"
    default: throw ModelError("PyTorch has nothing like \(node.kind)")
    }
  }

  /// The numbers of a sample in another shape, in the order in which ours are.
  private mutating func reshape(to target: Shape) {
    guard target != shape else { return expression = x }
    if target.rank == 1,
      !isImage || flattensChannelsFirst || shape[0] * shape[1] == 1 || shape[2] == 1
    {
      return expression = "\(x).flatten(1)"
    }
    let numbers = isImage ? "\(x).permute(0, 2, 3, 1)" : x
    let extents = target.array.map(String.init).joined(separator: ", ")
    expression =
      "\(numbers).reshape(-1, \(extents))" + (target.rank == 3 ? ".permute(0, 3, 1, 2)" : "")
  }

  private mutating func upsample(_ spec: UpSampling2D) {
    let factor = "scale_factor=\(Self.pair(spec.size))"
    expression =
      switch spec.interpolation {
      case .nearest: "F.interpolate(\(x), \(factor))"
      case .bilinear:
        "F.interpolate(\(x), \(factor), mode=\"bilinear\", align_corners=False)"
      }
  }

  // MARK: Arrays

  func entry(_ variable: String) -> VariableLayout.Entry? {
    entries.first { $0.variable.name == variable }
  }

  /// Adds an array for a variable, where the layer has that.
  mutating func add(
    _ parameter: String, _ variable: String, _ order: AxisOrder? = nil, shape: [Int]? = nil
  ) {
    guard let entry = entry(variable) else { return }
    let order = order ?? .identity(entry.variable.shape.count)
    tensors.append(
      TorchTensor(
        name: "\(attribute).\(parameter)", shape: shape ?? order.outputExtents,
        content: .variable(entry, order)))
  }

  /// Adds an array with a number for each channel, or for each number of a sample.
  mutating func addVector(_ parameter: String, _ variable: String, shape: [Int]? = nil) {
    let count = entry(variable)?.variable.shape.count ?? 0
    // An image, or a vector that was one: position by position here, channel by channel there.
    let image = self.shape.rank == 1 ? inputs[0].order : self.shape
    let order: AxisOrder? =
      if let image, image.rank == 3, count == image.count {
        AxisOrder(extents: [image[0] * image[1], image[2]], axes: [1, 0])
      } else { nil }
    add(parameter, variable, order, shape: shape ?? [count])
  }

  /// Adds a normalization's scale and shift; one that ours goes without is 1 or 0 throughout.
  mutating func addAffine(_ shape: [Int]) {
    for (parameter, variable, constant) in [("weight", "gamma", Float(1)), ("bias", "beta", 0)] {
      if entry(variable) != nil {
        addVector(parameter, variable, shape: shape)
      } else {
        tensors.append(
          TorchTensor(name: "\(attribute).\(parameter)", shape: shape, content: .constant(constant))
        )
      }
    }
  }

  // MARK: Python

  /// 1 − x, with no more digits than x has.
  static func complement(_ x: Float) -> Double {
    ((1 - (Double("\(x)") ?? Double(x))) * 1e9).rounded() / 1e9
  }

  /// One number where both agree, or a tuple.
  static func pair(_ extent: Extent2D) -> String {
    extent.height == extent.width ? "\(extent.height)" : "(\(extent.height), \(extent.width))"
  }

  /// One number, or a tuple of several.
  static func tuple(_ numbers: [Int]) -> String {
    numbers.count == 1 ? "\(numbers[0])" : "(\(numbers.map(String.init).joined(separator: ", ")))"
  }
}
