/// A 2-D convolution (cross-correlation, as in every framework) with a bias.
public struct Conv2D: LayerSpec {
  /// `conv2d`.
  public static let kind = "conv2d"
  /// What it computes.
  public static let help = "a 2-D convolution"
  /// One with every default.
  public static let prototype = Conv2D(filters: 1, kernel: 1)
  /// What can be set.
  public static let settings: [Setting<Conv2D>] = [
    Setting(
      "filters", \.filters, .from(1, to: WindowGeometry.largestExtent), "the channels of the output"
    ).required(),
    Setting("kernel", \.kernel, "the rows and columns of the kernel").required(),
    Setting("stride", \.stride, "the steps between neighbouring windows"),
    Setting("padding", \.padding, "what surrounds the image"),
    Setting("dilation", \.dilation, "the distance between neighbouring taps of the kernel"),
    Setting(
      "groups", \.groups, .from(1, to: WindowGeometry.largestExtent),
      "the independent convolutions that the channels are divided into"),
    Setting("bias", \.bias, "whether a bias is added"),
    Setting("initializer", \.initializer, "how the kernel is filled before training"),
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
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
  /// The number of independent convolutions that the channels are divided into.
  public var groups: Int
  /// Whether a bias is added.
  public var bias: Bool
  /// How the kernel is initialized; Keras's default is Glorot uniform.
  public var initializer: Initializer

  /// Creates a convolution; all but the filters and the kernel have Keras's defaults.
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
    guard groups <= filters else {
      throw ModelError("groups: expected 1 to \(filters) (its filters), found \(groups)")
    }
    let geometry = try WindowGeometry(
      input: input, outChannels: filters, extent: kernel, name: "kernel", stride: stride,
      padding: padding, dilation: dilation, groups: groups)
    guard input[2] % groups == 0, filters % groups == 0 else {
      throw ModelError(
        "\(groups) groups do not divide both the input channels (\(input[2])) and the filters (\(filters))"
      )
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
