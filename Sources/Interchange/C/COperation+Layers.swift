import NeuralNetwork

extension COperation {
  /// What a node computes; `nil` where that is nothing outside training.
  ///
  /// - Throws: a `ModelError` where it is a layer of somebody's own.
  init?(
    _ node: Node, input: Shape, _ variables: [String: [Float]]
  ) throws(ModelError) {
    let output = node.outputShape
    var weights: CWeights { CWeights(kernel: variables["kernel"] ?? [], bias: variables["bias"]) }
    switch node.spec {
    case let spec as Conv2D:
      let window = SlidingWindow(
        input, output, kernel: spec.kernel, stride: spec.stride, dilation: spec.dilation,
        padding: spec.padding, groups: spec.groups)
      self = .convolution(window, weights, nil)
    case let spec as DepthwiseConv2D:
      let window = SlidingWindow(
        input, output, kernel: spec.kernel, stride: spec.stride, dilation: spec.dilation,
        padding: spec.padding, groups: input[2])
      self = .convolution(window, weights, nil)
    case let spec as Conv2DTranspose:
      let window = SlidingWindow(
        output, input, kernel: spec.kernel, stride: spec.stride, dilation: spec.dilation,
        padding: spec.padding == .same ? .same : .valid)
      self = .transposedConvolution(
        window, weights.withAxesExchanged(outputs: output[2], inputs: input[2]))
    case is Dense: self = .dense(weights)
    case let spec as MaxPool2D:
      self = .maxPool(
        SlidingWindow(
          input, output, kernel: spec.window, stride: spec.stride ?? spec.window,
          padding: spec.padding))
    case let spec as AvgPool2D:
      self = .avgPool(
        SlidingWindow(
          input, output, kernel: spec.window, stride: spec.stride ?? spec.window,
          padding: spec.padding))
    case is GlobalMaxPool2D: self = .maxPool(SlidingWindow(whole: input))
    case is GlobalAvgPool2D: self = .avgPool(SlidingWindow(whole: input))
    case let spec as UpSampling2D:
      if spec.size == 1 { return nil }
      self = .upSampling(spec.size, spec.interpolation)
    case let spec as ZeroPadding2D:
      if spec.padding == 0 { return nil }
      self = .zeroPadding(spec.padding)
    case is ReLU: self = .activation(.relu)
    case is ReLU6: self = .activation(.relu6)
    case let spec as LeakyReLU: self = .activation(.leakyReLU(slope: spec.slope))
    case let spec as ELU: self = .activation(.elu(alpha: spec.alpha))
    case is GELU: self = .activation(.gelu)
    case is SiLU: self = .activation(.silu)
    case is Sigmoid: self = .activation(.sigmoid)
    case is Tanh: self = .activation(.tanh)
    case let spec as Rescaling:
      self = .activation(.rescaling(scale: spec.scale, offset: spec.offset))
    case is PReLU: self = .prelu(variables["alpha"] ?? [])
    case is Softmax: self = .softmax
    case let spec as BatchNorm:
      self = Self.normalization(
        mean: variables["moving_mean"] ?? [],
        deviation: (variables["moving_variance"] ?? []).map { ($0 + spec.epsilon).squareRoot() },
        gamma: variables["gamma"], beta: variables["beta"])
    case is Normalization:
      self = Self.normalization(
        mean: variables["mean"] ?? [],
        deviation: (variables["variance"] ?? []).map { max($0.squareRoot(), 1e-7) })
    case let spec as GroupNorm:
      self = .groupNorm(
        groups: spec.groups, epsilon: spec.epsilon, gamma: variables["gamma"],
        beta: variables["beta"])
    case let spec as LayerNorm:
      let columns = spec.axes == .all ? input.count : input.array.last ?? 1
      self = .layerNorm(
        columns: columns, epsilon: spec.epsilon, gamma: variables["gamma"], beta: variables["beta"])
    case is Dropout, is SpatialDropout2D, is GaussianNoise, is Flatten, is Reshape: return nil
    case nil where node.kind == "add": self = .add
    case nil where node.kind == "multiply": self = .multiply
    case nil where node.kind == "concatenate": self = .concatenate
    default:
      throw ModelError(
        "\(node.kind) has no C", hint: "only layers that come with MiniCNN are exported to C")
    }
  }

  /// (x − mean) / deviation · γ + β as a factor and a summand.
  private static func normalization(
    mean: [Float], deviation: [Float], gamma: [Float]? = nil, beta: [Float]? = nil
  ) -> COperation {
    let scale = deviation.enumerated().map { (gamma?[$0] ?? 1) / $1 }
    return .scaleShift(scale, mean.enumerated().map { (beta?[$0] ?? 0) - $1 * scale[$0] })
  }
}

extension CWeights {
  /// The kernel of a transposed convolution, `[taps, outputs, inputs]`, as `[taps, inputs, outputs]`.
  fileprivate func withAxesExchanged(outputs: Int, inputs: Int) -> CWeights {
    var exchanged: [Float] = []
    exchanged.reserveCapacity(kernel.count)
    for tap in 0..<kernel.count / (outputs * inputs) {
      for input in 0..<inputs {
        for output in 0..<outputs {
          exchanged.append(kernel[(tap * outputs + output) * inputs + input])
        }
      }
    }
    return CWeights(kernel: exchanged, bias: bias)
  }
}
