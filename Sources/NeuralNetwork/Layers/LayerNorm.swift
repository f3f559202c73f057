import CKernels

/// Normalizes the channels of each position by their own mean and variance, then scales and shifts them.
///
/// Ba, Kiros and Hinton 2016, "Layer normalization". A sample is normalized by itself, in training as in
/// inference. Over all of a sample's numbers, in place of a position's, with `axes: all`.
public struct LayerNorm: LayerSpec {
  /// What is normalized together.
  public enum Axes: String, CaseIterable, SettingValue {
    /// The channels of a position: Keras's `axis=-1`.
    case last
    /// All numbers of a sample, each with a scale and a shift of its own: Keras's `axis=[1, 2, 3]`.
    case all
  }

  /// `layer_norm`.
  public static let kind = "layer_norm"
  /// `layer_normalization`.
  public static let kerasClass = "layer_normalization"
  /// What it computes.
  public static let help = "the channels of each position by their mean and variance"
  /// One with every default.
  public static let prototype = LayerNorm()
  /// What can be set.
  public static let settings: [Setting<LayerNorm>] = [
    Setting(
      "axes", \.axes, "what is normalized together: a position's channels, or the whole sample"),
    Setting("epsilon", \.epsilon, .positive, "what is added to the variance"),
    Setting("center", \.center, "whether there is a trained shift"),
    Setting("scale", \.scale, "whether there is a trained scale"),
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// What is normalized together.
  public var axes: Axes
  /// What is added to the variance before its root is taken.
  public var epsilon: Float
  /// Whether there is a trained shift (beta).
  public var center: Bool
  /// Whether there is a trained scale (gamma).
  public var scale: Bool

  /// Creates a layer normalization with Keras's defaults.
  public init(
    axes: Axes = .last, epsilon: Float = 1e-3, center: Bool = true, scale: Bool = true
  ) {
    self.axes = axes
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
  }

  /// Makes the layer for images or vectors.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    guard input.rank >= 1 else { throw ModelError("takes vectors or images, not a single number") }
    return LayerNormLayer(inputShape: input, spec: self)
  }
}

/// A layer normalization whose shapes are known.
struct LayerNormLayer: Layer {
  let inputShape: Shape
  let spec: LayerNorm

  var outputShape: Shape { inputShape }
  private var normalized: Shape { spec.axes == .all ? inputShape : [inputShape.last] }
  private var columns: Int { normalized.count }
  /// Rows that are normalized by themselves in one sample.
  private var positions: Int { inputShape.count / columns }
  private var affine: AffineVariables { AffineVariables(center: spec.center, scale: spec.scale) }
  var variables: [Variable] { affine.variables(normalized) }

  // The mean and 1/√(variance + ε) of each row, for the backward pass.
  var cached: [CachedArray] {
    [
      CachedArray("mean", perSample: positions), CachedArray("rstd", perSample: positions),
      CachedArray(scratch: 2 * columns),
    ]
  }

  // y = γ · (x − mean) / √(variance + ε) + β
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    mc_layer_norm_forward(
      x.samples * positions, columns, spec.epsilon, x.pointer, affine.gamma.map { weights[$0] },
      affine.beta.map { weights[$0] }, y.mutablePointer(), cache.floats(0), cache.floats(1))
  }

  // dx = (γ·dy − mean of γ·dy − x̂ · mean of γ·dy·x̂) / √(variance + ε), the means over the row
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    mc_layer_norm_backward(
      x.samples, positions, columns, x.pointer, dy.pointer, cache.floats(0), cache.floats(1),
      affine.gamma.map { weights[$0] }, affine.gamma.flatMap { gradients?[$0] },
      affine.beta.flatMap { gradients?[$0] }, dx?.mutablePointer(), cache.floats(2))
  }
}
