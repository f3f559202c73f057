/// Normalizes each channel by the mean and variance of the batch, then scales and shifts it.
///
/// Ioffe and Szegedy 2015, "Batch normalization: accelerating deep network training by reducing
/// internal covariate shift". Inference uses running statistics instead of the batch's. Momentum
/// is the weight of the old value, as in Keras.
public struct BatchNorm: LayerSpec {
  /// `batch_norm`.
  public static let kind = "batch_norm"
  /// The name the model gives this layer.
  public var name: String?
  /// The weight of the old running statistics in each update.
  public var momentum: Float
  /// What is added to the variance before its root is taken.
  public var epsilon: Float
  /// Whether each channel has a trained shift (beta).
  public var center: Bool
  /// Whether each channel has a trained scale (gamma).
  public var scale: Bool

  /// Creates a batch normalization with Keras's defaults.
  public init(
    momentum: Float = 0.99, epsilon: Float = 1e-3, center: Bool = true, scale: Bool = true
  ) {
    self.momentum = momentum
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
  }

  /// Makes the layer for images or vectors; the last axis holds the channels.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    guard input.rank >= 1 else { throw ModelError("takes vectors or images, not a single number") }
    guard momentum >= 0, momentum <= 1 else {
      throw ModelError("momentum: expected 0 to 1, found \(momentum)")
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw ModelError("epsilon: expected a number above 0, found \(epsilon)")
    }
    return BatchNormLayer(inputShape: input, spec: self)
  }
}
