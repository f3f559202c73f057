import CKernels

/// A transposed 2-D convolution: the gradient of a convolution's input, used forwards, so that an image
/// becomes larger by the stride.
///
/// Every pixel is spread over a window of the output through the kernel, and where windows overlap they
/// are summed. Zeiler et al. 2010, "Deconvolutional networks". The output has (input − 1) · stride +
/// kernel rows with `valid`, and at least stride · input, which it has with `same`; an output padding
/// says how many come after the last window instead, as in Keras.
public struct Conv2DTranspose: LayerSpec {
  /// Which windows the output is made of.
  public enum Padding: String, CaseIterable, SettingValue {
    /// All that the windows reach.
    case valid
    /// stride · input; what is beyond, half before and half after, is cut off.
    case same
  }

  /// `conv2d_transpose`.
  public static let kind = "conv2d_transpose"
  /// What it computes.
  public static let help = "a transposed 2-D convolution"
  /// One with every default.
  public static let prototype = Conv2DTranspose(filters: 1, kernel: 1)
  /// What can be set.
  public static let settings: [Setting<Conv2DTranspose>] = [
    Setting(
      "filters", \.filters, .from(1, to: WindowGeometry.largestExtent), "the channels of the output"
    ).required(),
    Setting("kernel", \.kernel, "the rows and columns of the kernel").required(),
    Setting("stride", \.stride, "the steps between neighbouring windows of the output"),
    Setting("padding", \.padding, "how much of the windows at the edge the output keeps"),
    Setting(
      "output_padding", \.outputPadding,
      "the rows and columns after the last window, less than the stride; what the padding gives"
        + " where none"),
    Setting("dilation", \.dilation, "the distance between neighbouring taps of the kernel"),
    Setting("bias", \.bias, "whether a bias is added"),
    Setting("initializer", \.initializer, "how the kernel is filled before training"),
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// Output channels.
  public var filters: Int
  /// Rows and columns of the kernel.
  public var kernel: Extent2D
  /// Steps between the windows of neighbouring pixels.
  public var stride: Extent2D
  /// How much of the windows at the edge the output keeps.
  public var padding: Padding
  /// Rows and columns after the last window; what the padding gives where `nil`.
  public var outputPadding: Extent2D?
  /// Distance between neighbouring kernel elements.
  public var dilation: Extent2D
  /// Whether a bias is added.
  public var bias: Bool
  /// How the kernel is initialized; Keras's default is Glorot uniform.
  public var initializer: Initializer

  /// Creates a transposed convolution; all but the filters and the kernel have Keras's defaults.
  public init(
    filters: Int, kernel: Extent2D, stride: Extent2D = 1, padding: Padding = .valid,
    outputPadding: Extent2D? = nil, dilation: Extent2D = 1, bias: Bool = true,
    initializer: Initializer = .glorotUniform
  ) {
    self.filters = filters
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.bias = bias
    self.initializer = initializer
  }

  /// Makes the layer for images of shape `input`.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    let image = try input.checkedImage
    try WindowGeometry.check(kernel, "kernel")
    try WindowGeometry.check(stride, "stride")
    try WindowGeometry.check(dilation, "dilation")
    let spread = kernel.spread(by: dilation)
    let output = [
      try extent(
        image[0], kernel: spread.height, stride: stride.height, after: outputPadding?.height, "rows"
      ),
      try extent(
        image[1], kernel: spread.width, stride: stride.width, after: outputPadding?.width, "columns"
      ),
      filters,
    ]
    guard Shape.checkedCount(output, limit: GraphBuilder.largestActivation) != nil else {
      throw ModelError(
        "its output \(output[0])×\(output[1])×\(filters) is too large: at most"
          + " \(GraphBuilder.largestActivation) numbers")
    }
    let geometry = try WindowGeometry(
      input: Shape(output), outChannels: image[2], extent: kernel, name: "kernel", stride: stride,
      padding: padding == .same ? .same : .valid, dilation: dilation)
    precondition(geometry.outputShape == image)
    let kernelShape = [kernel.height, kernel.width, filters, image[2]]
    guard Shape.checkedCount(kernelShape, limit: Network.largestVariable) != nil else {
      throw ModelError("its kernel \(kernel)×\(filters)×\(image[2]) is too large")
    }
    return Conv2DTransposeLayer(
      geometry: geometry, kernel: Shape(kernelShape), bias: bias, initializer: initializer)
  }

  /// The output's extent along one axis.
  ///
  /// An output padding below the stride is one for which the convolution that this is the transpose of
  /// gives back the input's extent; a kernel of even extent needs at least 1 with `same`, because Keras
  /// counts the middle of an odd one to the last window.
  private func extent(
    _ input: Int, kernel: Int, stride: Int, after: Int?, _ axis: String
  ) throws(ModelError) -> Int {
    let windows = (input - 1) * stride
    guard let after else { return windows + (padding == .valid ? max(kernel, stride) : stride) }
    let least = padding == .valid ? 0 : 1 - kernel % 2
    guard (least..<max(least, stride)).contains(after) else {
      let range = least == stride - 1 ? "\(least)" : "\(least) to \(stride - 1)"
      throw ModelError(
        "output_padding of \(axis): expected \(least < stride ? range : "none"), found \(after)")
    }
    return windows + (padding == .valid ? kernel : kernel % 2) + after
  }
}

/// A transposed convolution whose shapes are known.
struct Conv2DTransposeLayer: Layer {
  /// That of the convolution whose input is this layer's output.
  let geometry: WindowGeometry
  let kernel: Shape
  let bias: Bool
  let initializer: Initializer

  var inputShape: Shape { geometry.outputShape }
  var outputShape: Shape { geometry.inputShape }
  var reach: Reach { geometry.transposedReach }

  /// The form the C loops take.
  private var convolution: MCConvolution {
    MCConvolution(
      window: geometry.window, rectifier: Rectifier.none.parameters, pooled: false, pool: MCWindow()
    )
  }

  var variables: [Variable] {
    let kernel = Variable("kernel", shape: kernel, role: .weight, initializer: initializer)
    let bias = Variable("bias", shape: [outputShape[2]], role: .bias, initializer: .zeros)
    return self.bias ? [kernel, bias] : [kernel]
  }

  var multiplyAdds: Int { inputShape[0] * inputShape[1] * kernel.count }

  var preparedCount: Int { withUnsafePointer(to: convolution) { mc_conv2d_prepared_count($0) } }

  func prepare(_ weights: Weights, piece: Int, into prepared: UnsafeMutablePointer<Float>) {
    withUnsafePointer(to: convolution) { mc_conv2d_prepare($0, weights[0], prepared) }
  }

  var cached: [CachedArray] {
    let scratch = withUnsafePointer(to: convolution) { mc_conv2d_transpose_scratch_count($0) }
    return [CachedArray(scratch: scratch)]
  }

  // y[n, p·stride+r·dilation−pad, …, o] = bias[o] + Σ over p,q,r,s that lead there and c of
  // x[n,p,q,c] · kernel[r,s,o,c]
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    withUnsafePointer(to: convolution) {
      mc_conv2d_transpose_forward(
        $0, x.samples, x.pointer, weights.prepared, bias ? weights[1] : nil, y.mutablePointer(),
        cache.floats(0))
    }
  }

  // dx is the convolution of dy; dkernel[r,s,o,c] += Σ over n,p,q of dy[n, …, o] · x[n,p,q,c];
  // dbias[o] += Σ dy[…, o]
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    withUnsafePointer(to: convolution) {
      mc_conv2d_transpose_backward(
        $0, x.samples, x.pointer, dy.pointer, weights.prepared, gradients?[0],
        bias ? gradients?[1] : nil, dx?.mutablePointer(), cache.floats(0))
    }
  }
}
