/// Normalizes each channel by the mean and variance of the batch, then scales and shifts it.
///
/// Ioffe and Szegedy 2015, "Batch normalization: accelerating deep network training by reducing
/// internal covariate shift". Inference uses running statistics instead of the batch's. Momentum
/// is the weight of the old value, as in Keras.
public struct BatchNorm: LayerSpec {
  /// `batch_norm`.
  public static let kind = "batch_norm"
  /// `batch_normalization`.
  public static let kerasClass = "batch_normalization"
  /// What it computes.
  public static let help = "each channel by the mean and variance of the batch"
  /// One with every default.
  public static let prototype = BatchNorm()
  /// What can be set.
  public static let settings: [Setting<BatchNorm>] = [
    Setting(
      "momentum", \.momentum, .from(0, to: 1),
      "the weight of the old running statistics in each update"),
    Setting("epsilon", \.epsilon, .positive, "what is added to the variance"),
    Setting("center", \.center, "whether each channel has a trained shift"),
    Setting("scale", \.scale, "whether each channel has a trained scale"),
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
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
    return BatchNormLayer(inputShape: input, spec: self)
  }
}
