/// Lays an image out as a vector, in the order height, width, channels.
///
/// Flattening keeps every position of every channel apart, so a dense layer after it has one weight
/// for each; pooling over the image (``GlobalAvgPool2D``) keeps one number per channel instead.
public struct Flatten: LayerSpec {
  /// `flatten`.
  public static let kind = "flatten"
  /// What it computes.
  public static let help = "an image as a vector: height, width, channels"
  /// One with every default.
  public static let prototype = Flatten()
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()

  /// Creates the layer.
  public init() {}

  /// Makes the layer for samples of any shape.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    FlattenLayer(inputShape: input)
  }
}

/// A flattening whose shapes are known.
struct FlattenLayer: Layer {
  let inputShape: Shape

  var outputShape: Shape { [inputShape.count] }
  var reach: Reach { .position }

  func isIdentity(training: Bool) -> Bool { true }
  var sparsity: Sparsity { .passed }

  // The memory of an image is already in the order of the vector.
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    y.mutablePointer().update(from: x.pointer, count: x.count)
  }

  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    dx?.mutablePointer().update(from: dy.pointer, count: dy.count)
  }
}
