import CKernels

/// Normalizes groups of channels, each by its mean and variance over one sample, then scales and shifts
/// every channel.
///
/// Wu and He 2018, "Group normalization". A sample is normalized by itself, in training as in inference, so
/// small batches do no harm. As many groups as channels make it an instance normalization (Ulyanov, Vedaldi
/// and Lempitsky 2016), which Keras writes as −1 groups.
public struct GroupNorm: LayerSpec {
  /// `group_norm`.
  public static let kind = "group_norm"
  /// `group_normalization`.
  public static let kerasClass = "group_normalization"
  /// What it computes.
  public static let help = "groups of channels by their mean and variance over the sample"
  /// One with every default.
  public static let prototype = GroupNorm()
  /// What can be set.
  public static let settings: [Setting<GroupNorm>] = [
    Setting("groups", \.groups, .atLeast(1), "the groups; they divide the channels"),
    Setting("epsilon", \.epsilon, .positive, "what is added to the variance"),
    Setting("center", \.center, "whether each channel has a trained shift"),
    Setting("scale", \.scale, "whether each channel has a trained scale"),
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// The number of groups, which divides that of the channels.
  public var groups: Int
  /// What is added to the variance before its root is taken.
  public var epsilon: Float
  /// Whether each channel has a trained shift (beta).
  public var center: Bool
  /// Whether each channel has a trained scale (gamma).
  public var scale: Bool

  /// Creates a group normalization with Keras's defaults.
  public init(groups: Int = 32, epsilon: Float = 1e-3, center: Bool = true, scale: Bool = true) {
    self.groups = groups
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
  }

  /// Makes the layer for images or vectors; the last axis holds the channels.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    guard input.rank >= 1 else { throw ModelError("takes vectors or images, not a single number") }
    guard input.last % groups == 0 else {
      throw ModelError(
        "groups: expected a number that divides the \(input.last) channels of its input,"
          + " found \(groups)")
    }
    return GroupNormLayer(inputShape: input, spec: self)
  }
}

/// A group normalization whose shapes are known.
struct GroupNormLayer: Layer {
  let inputShape: Shape
  let spec: GroupNorm

  var outputShape: Shape { inputShape }
  private var channels: Int { inputShape.last }
  private var positions: Int { inputShape.count / channels }
  private var affine: AffineVariables { AffineVariables(center: spec.center, scale: spec.scale) }
  var variables: [Variable] { affine.variables([channels]) }

  // The mean and 1/√(variance + ε) of each channel's group, for the backward pass.
  var cached: [CachedArray] {
    [
      CachedArray("mean", perSample: channels), CachedArray("rstd", perSample: channels),
      CachedArray(scratch: 2 * channels),
    ]
  }

  // y = γ · (x − mean) / √(variance + ε) + β
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    mc_group_norm_forward(
      x.samples, positions, channels, spec.groups, spec.epsilon, x.pointer,
      affine.gamma.map { weights[$0] }, affine.beta.map { weights[$0] }, y.mutablePointer(),
      cache.floats(0), cache.floats(1))
  }

  // dx = (γ·dy − mean of γ·dy − x̂ · mean of γ·dy·x̂) / √(variance + ε), the means over the group
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    mc_group_norm_backward(
      x.samples, positions, channels, spec.groups, x.pointer, dy.pointer, cache.floats(0),
      cache.floats(1), affine.gamma.map { weights[$0] }, affine.gamma.flatMap { gradients?[$0] },
      affine.beta.flatMap { gradients?[$0] }, dx?.mutablePointer(), cache.floats(2))
  }
}

/// The trained scale and shift after a normalization, and their numbers among the layer's variables.
struct AffineVariables {
  let gamma: Int?
  let beta: Int?

  init(center: Bool, scale: Bool) {
    gamma = scale ? 0 : nil
    beta = center ? (scale ? 1 : 0) : nil
  }

  func variables(_ shape: Shape) -> [Variable] {
    let gamma = Variable("gamma", shape: shape, role: .bias, initializer: .ones)
    let beta = Variable("beta", shape: shape, role: .bias, initializer: .zeros)
    return (self.gamma == nil ? [] : [gamma]) + (self.beta == nil ? [] : [beta])
  }
}
