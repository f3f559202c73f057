import CKernels

/// A 2-D convolution (cross-correlation, as in every framework) with a bias.
public struct Conv2D: LayerSpec {
  /// `conv2d`.
  public static let kind = "conv2d"
  /// The name the model gives this layer.
  public var name: String?
  /// Output channels.
  public var filters: Int
  /// Rows and columns of the kernel.
  public var kernel: Extent2D
  /// Steps between neighbouring outputs.
  public var stride: Extent2D
  /// What surrounds the image.
  public var padding: Padding
  /// Distance between neighbouring kernel elements.
  public var dilation: Extent2D
  /// Into how many independent convolutions the channels are cut.
  public var groups: Int
  /// Whether a bias is added.
  public var bias: Bool
  /// How the kernel starts; Keras's default is Glorot uniform.
  public var initializer: Initializer

  /// States a convolution; all but the filters and the kernel have Keras's defaults.
  public init(
    filters: Int, kernel: Extent2D, stride: Extent2D = 1, padding: Padding = .valid,
    dilation: Extent2D = 1, groups: Int = 1, bias: Bool = true,
    initializer: Initializer = .glorotUniform
  ) {
    self.filters = filters
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.bias = bias
    self.initializer = initializer
  }

  /// Makes the layer for images of shape `input`.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    guard filters >= 1, filters <= WindowGeometry.largestExtent else {
      throw ModelError("filters: expected 1 to \(WindowGeometry.largestExtent), found \(filters)")
    }
    guard groups >= 1, groups <= filters else {
      throw ModelError("groups: expected 1 to \(filters) (its filters), found \(groups)")
    }
    let geometry = try WindowGeometry(
      input: input, outChannels: filters, extent: kernel, name: "kernel", stride: stride,
      padding: padding, dilation: dilation, groups: groups)
    guard input[2] % groups == 0, filters % groups == 0 else {
      throw ModelError(
        "\(groups) groups divide neither evenly: \(input[2]) input channels, \(filters) filters")
    }
    let kernelShape = [kernel.height, kernel.width, input[2] / groups, filters]
    guard Shape.checkedCount(kernelShape, limit: Network.largestVariable) != nil else {
      throw ModelError("its kernel \(kernel)×\(input[2] / groups)×\(filters) is too large")
    }
    return Conv2DLayer(
      geometry: geometry, inputShape: input, kernel: Shape(kernelShape), bias: bias,
      initializer: initializer)
  }
}

/// A convolution whose shapes are known, and the ReLU and max pooling it takes along where a pass
/// joins them (``Graph/fused(for:)``).
struct Conv2DLayer: Layer {
  static let kind = Conv2D.kind
  let geometry: WindowGeometry
  let inputShape: Shape
  let kernel: Shape
  let bias: Bool
  let initializer: Initializer
  var hasReLU = false
  var pooling: WindowGeometry?

  var outputShape: Shape { (pooling ?? geometry).outputShape }

  /// The form the C loops take.
  var convolution: MCConvolution {
    MCConvolution(
      window: geometry.window, relu: hasReLU, pooled: pooling != nil,
      pool: pooling?.window ?? MCWindow())
  }

  /// This convolution with the layer behind it taken along, where that can be done. ReLU and max
  /// pooling may come in either order: the larger of two numbers stays so when negative ones
  /// become 0.
  func absorbing(_ next: any Layer) -> Conv2DLayer? {
    var joined = self
    if let activation = next as? ActivationLayer<ReLU>, !hasReLU {
      precondition(activation.inputShape == outputShape)
      joined.hasReLU = true
      return joined
    }
    guard let pool = next as? MaxPool2DLayer, pooling == nil else { return nil }
    joined.pooling = pool.geometry
    return withUnsafePointer(to: joined.convolution) { mc_conv2d_can_pool($0) } ? joined : nil
  }

  var variables: [Variable] {
    let kernel = Variable("kernel", shape: kernel, role: .weight, initializer: initializer)
    let bias = Variable("bias", shape: [kernel.shape[3]], role: .bias, initializer: .zeros)
    return self.bias ? [kernel, bias] : [kernel]
  }

  var multiplyAdds: Int {
    geometry.outputShape[0] * geometry.outputShape[1] * kernel.count
  }

  var preparedCount: Int {
    withUnsafePointer(to: convolution) { mc_conv2d_prepared_count($0) }
  }

  func prepare(_ weights: Weights, piece: Int, into prepared: UnsafeMutablePointer<Float>) {
    withUnsafePointer(to: convolution) { mc_conv2d_prepare($0, weights[0], prepared) }
  }

  func makeCache(batch: Int) -> Cache {
    var cache = Cache()
    let count = withUnsafePointer(to: convolution) { mc_conv2d_scratch_count($0) }
    if pooling != nil { cache.bytes = [UInt8](repeating: 0, count: batch * outputShape.count) }
    cache.scratch = Tensor(samples: 1, shape: [count])
    return cache
  }

  // y[n,p,q,o] = bias[o] + Σ over r,s,c of x[n, p·stride+r·dilation−pad, …, c] · kernel[r,s,c,o]
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: inout Cache, mode: Mode
  ) {
    let scratch = cache.scratch.mutablePointer()
    let rows = outputShape[0]
    withUnsafePointer(to: convolution) { convolution in
      cache.bytes.withUnsafeMutableBufferPointer {
        mc_conv2d_forward(
          convolution, x.samples, 0, rows, x.pointer, weights.prepared, bias ? weights[1] : nil,
          y.mutablePointer(), $0.baseAddress, scratch)
      }
    }
  }

  // dkernel[r,s,c,o] += Σ over n,p,q of x[n, …, c] · dy[n,p,q,o];  dbias[o] += Σ dy[n,p,q,o];
  // dx is dy spread back through the same kernel. A ReLU masks dy first; behind a pooling there is
  // one dy a window, and it belongs to the place of the maximum.
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients,
    weights: Weights, cache: inout Cache, mode: Mode
  ) {
    let scratch = cache.scratch.mutablePointer()
    withUnsafePointer(to: convolution) {
      mc_conv2d_backward(
        $0, x.samples, x.pointer, y.pointer, dy.pointer, cache.bytes, weights.prepared,
        gradients[0], bias ? gradients[1] : nil, dx?.mutablePointer(), scratch)
    }
  }
}
