import CKernels

/// Stochastic gradient descent with momentum.
///
/// m ← μ·m − η·g, w ← w + m; with Nesterov's look-ahead w ← w + μ·m − η·g. Sutskever et al. 2013,
/// "On the importance of initialization and momentum in deep learning".
public struct SGD: Optimizer {
  /// `sgd`.
  public static let kind = "sgd"
  /// The learning rate by default, 0.01.
  public static let defaultLearningRate: Float = 0.01
  /// The rule without momentum.
  public static let prototype = SGD()
  /// What can be set.
  public static let settings: [Setting<SGD>] = [
    Setting(
      "momentum", \.momentum, .from(0, below: 1),
      "the share of the last step that the next one keeps"
    ),
    Setting("nesterov", \.nesterov, "take the gradient as if that share had been added already"),
  ]
  /// The share of the last step that the next one keeps.
  public var momentum: Float
  /// Whether the gradient is taken to be at the point that the momentum leads to (Nesterov).
  public var nesterov: Bool

  /// Creates the rule; see the properties.
  public init(momentum: Float = 0, nesterov: Bool = false) {
    self.momentum = momentum
    self.nesterov = nesterov
  }

  /// `momentum`, or none without momentum.
  public var slots: [String] { momentum == 0 ? [] : ["momentum"] }

  /// Updates a segment of weights and slots in place.
  public func update(_ s: UpdateSegment) {
    mc_sgd_update(
      s.count, s.numbers, momentum, nesterov, s.gradient, s.weights, s.slots.0)
  }
}
