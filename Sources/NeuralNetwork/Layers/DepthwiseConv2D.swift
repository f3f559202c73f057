import CKernels

/// A convolution of each channel by itself, with kernels of its own: nothing is summed over channels.
///
/// Howard et al. 2017, "MobileNets: efficient convolutional neural networks for mobile vision
/// applications": followed by a 1×1 convolution, which mixes the channels, it does much of what a
/// convolution does for a fraction of the multiplications. Keras calls the multiplier depth_multiplier;
/// its TensorFlow backend takes only strides whose two numbers agree.
public struct DepthwiseConv2D: LayerSpec {
  /// `depthwise_conv2d`.
  public static let kind = "depthwise_conv2d"
  /// What it computes.
  public static let help = "a 2-D convolution of each channel by itself"
  /// One with every default.
  public static let prototype = DepthwiseConv2D(kernel: 1)
  /// What can be set.
  public static let settings: [Setting<DepthwiseConv2D>] = [
    Setting("kernel", \.kernel, "the rows and columns of the kernel").required(),
    Setting("stride", \.stride, "the steps between neighbouring windows"),
    Setting("padding", \.padding, "what surrounds the image"),
    Setting("dilation", \.dilation, "the distance between neighbouring taps of the kernel"),
    Setting(
      "multiplier", \.multiplier, .from(1, to: WindowGeometry.largestExtent),
      "the output channels for each input channel"),
    Setting("bias", \.bias, "whether a bias is added"),
    Setting("initializer", \.initializer, "how the kernel is filled before training"),
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// Rows and columns of the kernel.
  public var kernel: Extent2D
  /// Steps between neighbouring outputs.
  public var stride: Extent2D
  /// What surrounds the image.
  public var padding: Padding
  /// Distance between neighbouring kernel elements.
  public var dilation: Extent2D
  /// Output channels for each input channel.
  public var multiplier: Int
  /// Whether a bias is added.
  public var bias: Bool
  /// How the kernel is initialized; Keras's default is Glorot uniform.
  public var initializer: Initializer

  /// Creates a depthwise convolution; all but the kernel have Keras's defaults.
  public init(
    kernel: Extent2D, stride: Extent2D = 1, padding: Padding = .valid, dilation: Extent2D = 1,
    multiplier: Int = 1, bias: Bool = true, initializer: Initializer = .glorotUniform
  ) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.multiplier = multiplier
    self.bias = bias
    self.initializer = initializer
  }

  /// Makes the layer for images of shape `input`.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    let channels = try input.checkedImage[2]
    guard
      let outputs = Shape.checkedCount(
        [channels, multiplier], limit: GraphBuilder.largestActivation)
    else {
      throw ModelError("its \(channels)·\(multiplier) output channels are too many")
    }
    let geometry = try WindowGeometry(
      input: input, outChannels: outputs, extent: kernel, name: "kernel", stride: stride,
      padding: padding, dilation: dilation, groups: channels)
    let kernelShape = [kernel.height, kernel.width, channels, multiplier]
    guard Shape.checkedCount(kernelShape, limit: Network.largestVariable) != nil else {
      throw ModelError("its kernel \(kernel)×\(channels)×\(multiplier) is too large")
    }
    return DepthwiseConv2DLayer(
      geometry: geometry, inputShape: input, kernel: Shape(kernelShape), bias: bias,
      initializer: initializer)
  }
}

/// A depthwise convolution whose shapes are known, and the batch normalization and rectifier that
/// inference fuses into it.
struct DepthwiseConv2DLayer: RowwiseLayer {
  let geometry: WindowGeometry
  let inputShape: Shape
  let kernel: Shape
  let bias: Bool
  let initializer: Initializer
  var normalization: FoldedNormalization?
  var rectifier = Rectifier.none

  var outputShape: Shape { geometry.outputShape }
  var reach: Reach { geometry.reach }
  // A shape is an array, which a step of training must not make.
  private var rows: Int { Int(geometry.window.outHeight) }

  func absorbing(_ next: any Layer, training: Bool) -> (any Layer)? {
    guard !training, !rectifier.rectifies else { return nil }
    var joined = self
    switch (next as? any FusibleLayer)?.fusible {
    case .normalization(let next) where normalization == nil:
      joined.normalization = FoldedNormalization(
        next, into: self, hasBias: bias, kernelCount: kernel.count)
    case .rectification(let next): joined.rectifier = next
    default: return nil
    }
    return joined
  }

  var variables: [Variable] {
    let kernel = Variable("kernel", shape: kernel, role: .weight, initializer: initializer)
    let bias = Variable("bias", shape: [outputShape[2]], role: .bias, initializer: .zeros)
    return (self.bias ? [kernel, bias] : [kernel]) + (normalization?.variables ?? [])
  }

  var multiplyAdds: Int { outputShape[0] * outputShape[1] * kernel.count }

  var preparedCount: Int {
    normalization?.preparedCount
      ?? withUnsafePointer(to: geometry.window) { mc_depthwise_prepared_count($0) }
  }

  func prepare(_ weights: Weights, piece: Int, into prepared: UnsafeMutablePointer<Float>) {
    let kernel =
      normalization?.fold(0..<kernel.count, of: weights, into: prepared) ?? weights[0]
    withUnsafePointer(to: geometry.window) { mc_depthwise_prepare($0, kernel, prepared) }
  }

  private func bias(_ weights: Weights) -> UnsafePointer<Float>? {
    normalization?.bias(weights) ?? (bias ? weights[1] : nil)
  }

  var cached: [CachedArray] {
    let scratch = withUnsafePointer(to: geometry.window) { mc_depthwise_scratch_count($0) }
    return [CachedArray(scratch: scratch)]
  }

  // y[n,p,q,c·M+m] = bias[c·M+m] + Σ over r,s of x[n, p·stride+r·dilation−pad, …, c] · kernel[r,s,c,m]
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    forward(x.samples, rows: 0..<rows, x.pointer, into: y.mutablePointer(), weights, cache)
  }

  var rowStep: Int? { 1 }

  func inputRows(of rows: Range<Int>) -> Range<Int> { geometry.inputRows(of: rows) }

  func forward(
    rows: Range<Int>, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    weights: Weights, cache: Cache
  ) {
    forward(1, rows: rows, x, into: y, weights, cache)
  }

  private func forward(
    _ samples: Int, rows: Range<Int>, _ x: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>,
    _ weights: Weights, _ cache: Cache
  ) {
    withUnsafePointer(to: geometry.window) { window in
      withUnsafePointer(to: rectifier.parameters) {
        mc_depthwise_forward(
          window, samples, rows.lowerBound, rows.upperBound, x, weights.prepared,
          bias(weights), $0, y, cache.floats(0))
      }
    }
  }

  // dkernel[r,s,c,m] += Σ over n,p,q of x[n, …, c] · dy[n,p,q,c·M+m];  dbias[o] += Σ dy[n,p,q,o];
  // dx is dy spread back through the same kernel
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    withUnsafePointer(to: geometry.window) {
      mc_depthwise_backward(
        $0, x.samples, x.pointer, dy.pointer, weights.prepared, gradients?[0],
        bias ? gradients?[1] : nil, dx?.mutablePointer(), cache.floats(0))
    }
  }
}
