import CKernels

/// The maximum of each channel over the whole image: `[H, W, C]` to `[C]`.
public struct GlobalMaxPool2D: LayerSpec {
  /// `global_max_pool2d`.
  public static let kind = "global_max_pool2d"
  /// `global_max_pooling2d`.
  public static let kerasClass = "global_max_pooling2d"
  /// What it computes.
  public static let help = "the maximum of each channel over the image"
  /// One with every default.
  public static let prototype = GlobalMaxPool2D()
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()

  /// Creates a maximum over the image.
  public init() {}

  /// Makes the layer for images of shape `input`.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    try GlobalMaxPool2DLayer(inputShape: input.checkedImage)
  }
}

/// A maximum over images whose shape is known.
struct GlobalMaxPool2DLayer: Layer {
  let inputShape: Shape

  var outputShape: Shape { [inputShape[2]] }
  private var positions: Int { inputShape[0] * inputShape[1] }

  var cached: [CachedArray] { [CachedArray("argmax", .index, perSample: inputShape[2])] }

  // y[c] = max over positions of x[…, c]; the first one wins a tie
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    mc_global_max_pool_forward(
      x.samples, positions, inputShape[2], x.pointer, y.mutablePointer(),
      cache.isRead ? cache.indices(0) : nil)
  }

  // dx[argmax, c] = dy[c], all else 0
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    guard let dx = dx?.mutablePointer() else { return }
    mc_global_max_pool_backward(
      dy.samples, positions, inputShape[2], dy.pointer, cache.indices(0), dx)
  }
}
