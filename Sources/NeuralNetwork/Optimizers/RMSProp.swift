import CKernels

/// Divides each gradient by the root of a running mean of its squares.
///
/// v ← ρ·v + (1−ρ)·g², w ← w − η·g/√(v + ε); with momentum the step goes through m ← μ·m + step.
/// Tieleman and Hinton 2012, lecture 6.5 of "Neural networks for machine learning".
public struct RMSProp: Optimizer {
  /// `rmsprop`.
  public static let kind = "rmsprop"
  /// The learning rate by default, 0.001.
  public static let defaultLearningRate: Float = 0.001
  /// The rule with Keras's defaults.
  public static let prototype = RMSProp()
  /// What can be set.
  public static let settings: [Setting<RMSProp>] = [
    Setting(
      "momentum", \.momentum, .from(0, below: 1),
      "the share of the last step that the next one keeps"
    ),
    Setting("rho", \.rho, .from(0, below: 1), "the weight of the old mean square"),
    Setting("epsilon", \.epsilon, .positive, "what keeps the division from 0"),
  ]
  /// The weight of the old mean square.
  public var rho: Float
  /// The share of the last step that the next one keeps.
  public var momentum: Float
  /// What is added to the mean square before its root is taken.
  public var epsilon: Float

  /// Creates the rule; see the properties.
  public init(rho: Float = 0.9, momentum: Float = 0, epsilon: Float = 1e-7) {
    self.rho = rho
    self.momentum = momentum
    self.epsilon = epsilon
  }

  /// `velocity`, and `momentum` where there is one.
  public var slots: [String] { momentum == 0 ? ["velocity"] : ["velocity", "momentum"] }
  /// `false`: Keras stores the slots one after the other.
  public var interleavesSlots: Bool { false }

  /// Updates a segment of weights and slots in place.
  public func update(_ s: UpdateSegment) {
    mc_rmsprop_update(
      s.count, s.numbers, rho, momentum, epsilon, s.gradient, s.weights, s.slots.0, s.slots.1)
  }
}
