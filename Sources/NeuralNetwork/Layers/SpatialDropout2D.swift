import CKernels

/// Sets a random share of the channels of each image to 0 while training, and scales the rest so that the
/// mean does not change; does nothing otherwise.
///
/// Tompson et al. 2014, "Efficient object localization using convolutional networks": neighbours in an image
/// are so alike that dropping them one by one drops nothing.
public struct SpatialDropout2D: LayerSpec {
  /// `spatial_dropout2d`.
  public static let kind = "spatial_dropout2d"
  /// What it computes.
  public static let help = "sets a random share of the channels to 0 in training"
  /// One with every default.
  public static let prototype = SpatialDropout2D(rate: 0.5)
  /// What can be set.
  public static let settings: [Setting<SpatialDropout2D>] = [
    Setting("rate", \.rate, .from(0, below: 1), "the share that is dropped").required()
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// The share of the channels that is dropped, from 0 to below 1.
  public var rate: Float

  /// Creates a dropout of this rate.
  public init(rate: Float) { self.rate = rate }

  /// Makes the layer for images.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    SpatialDropout2DLayer(inputShape: try input.checkedImage, rate: rate)
  }
}

/// A dropout of channels whose shape and node are known.
struct SpatialDropout2DLayer: StochasticLayer {
  let inputShape: Shape
  let rate: Float
  var node = 0

  var outputShape: Shape { inputShape }
  private var channels: Int { inputShape[2] }
  // What the channels of one image are multiplied by.
  var cached: [CachedArray] { [CachedArray(scratch: channels)] }

  func isIdentity(training: Bool) -> Bool { !training }
  var sparsity: Sparsity { rate > 0 ? .outputAndGradient : .none }

  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    drop(x, into: y.mutablePointer(), factors: cache.floats(0), mode: mode)
  }

  // What was kept lets its gradient through, scaled alike: the same function.
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    if let dx = dx?.mutablePointer() { drop(dy, into: dx, factors: cache.floats(0), mode: mode) }
  }

  private func drop(
    _ source: Tensor, into target: UnsafeMutablePointer<Float>,
    factors: UnsafeMutablePointer<Float>, mode: Mode
  ) {
    guard case .training(let draw) = mode, rate > 0 else {
      target.update(from: source.pointer, count: source.count)
      return
    }
    let size = inputShape.count
    for n in 0..<source.samples {
      mc_fill(channels, 1, factors)
      mc_dropout(channels, draw.key(ofSample: n, node: node), rate, factors, factors)
      mc_multiply(
        1, size / channels, channels, source.pointer + n * size, factors, target + n * size)
    }
  }
}
