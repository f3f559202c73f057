import CKernels

/// Adds normal noise to its inputs while training; does nothing otherwise.
///
/// Bishop 1995, "Training with noise is equivalent to Tikhonov regularization".
public struct GaussianNoise: LayerSpec {
  /// `gaussian_noise`.
  public static let kind = "gaussian_noise"
  /// What it computes.
  public static let help = "adds normal noise in training"
  /// One with every default.
  public static let prototype = GaussianNoise(stddev: 0)
  /// What can be set.
  public static let settings: [Setting<GaussianNoise>] = [
    Setting("stddev", \.stddev, .notNegative, "the standard deviation of the noise").required()
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// The standard deviation of the noise. Keras allows at most 1.
  public var stddev: Float

  /// Creates a noise of this standard deviation.
  public init(stddev: Float) { self.stddev = stddev }

  /// Makes the layer for samples of any shape.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    GaussianNoiseLayer(inputShape: input, stddev: stddev)
  }
}

/// A noise whose shape and node are known.
struct GaussianNoiseLayer: StochasticLayer {
  let inputShape: Shape
  let stddev: Float
  var node = 0

  var outputShape: Shape { inputShape }

  func isIdentity(training: Bool) -> Bool { !training || stddev == 0 }

  // y = x + noise, the same for the same seed, epoch, sample and node
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    let size = inputShape.count
    let y = y.mutablePointer()
    guard case .training(let draw) = mode, stddev > 0 else {
      y.update(from: x.pointer, count: x.count)
      return
    }
    for n in 0..<x.samples {
      let key = draw.key(ofSample: n, node: node)
      mc_gaussian_noise(size, key, stddev, x.pointer + n * size, y + n * size)
    }
  }

  // The noise does not depend on x: dx = dy
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    dx?.mutablePointer().update(from: dy.pointer, count: dy.count)
  }
}
