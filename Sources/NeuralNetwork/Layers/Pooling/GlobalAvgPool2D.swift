import CKernels

/// The mean of each channel over the whole image: `[H, W, C]` to `[C]`.
///
/// Lin, Chen and Yan 2013, "Network in network".
public struct GlobalAvgPool2D: LayerSpec {
  /// `global_avg_pool2d`.
  public static let kind = "global_avg_pool2d"
  /// `global_average_pooling2d`.
  public static let kerasClass = "global_average_pooling2d"
  /// What it computes.
  public static let help = "the mean of each channel over the image"
  /// One with every default.
  public static let prototype = GlobalAvgPool2D()
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()

  /// Creates an average over the image.
  public init() {}

  /// Makes the layer for images of shape `input`.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    try GlobalAvgPool2DLayer(inputShape: input.checkedImage)
  }
}

/// An average over images whose shape is known.
struct GlobalAvgPool2DLayer: Layer {
  let inputShape: Shape

  var outputShape: Shape { [inputShape[2]] }
  private var positions: Int { inputShape[0] * inputShape[1] }

  // y[c] = Σ over positions of x[…, c] / positions
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    mc_global_avg_pool_forward(x.samples, positions, inputShape[2], x.pointer, y.mutablePointer())
  }

  // dx[…, c] = dy[c] / positions
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    guard let dx = dx?.mutablePointer() else { return }
    mc_global_avg_pool_backward(dy.samples, positions, inputShape[2], dy.pointer, dx)
  }
}

extension Shape {
  /// This shape if it is that of an image.
  var checkedImage: Shape {
    get throws(ModelError) {
      guard rank == 3 else { throw ModelError("takes images height×width×channels, not \(self)") }
      return self
    }
  }
}
