/// Adam with weight decay that does not pass through its running means.
///
/// Loshchilov and Hutter 2017, "Decoupled weight decay regularization". Every optimizer here takes
/// such a decay; this one has one by default, as in Keras.
public struct AdamW: Optimizer {
  /// `adamw`.
  public static let kind = "adamw"
  /// The learning rate by default, 0.001.
  public static let defaultLearningRate: Float = 0.001
  /// The rule with Keras's defaults.
  public static let prototype = AdamW()
  /// What can be set.
  public static let settings: [Setting<AdamW>] = [
    Setting("beta1", \.adam.beta1, .from(0, below: 1), "the weight of the old mean"),
    Setting("beta2", \.adam.beta2, .from(0, below: 1), "the weight of the old mean square"),
    Setting("epsilon", \.adam.epsilon, .positive, "what keeps the division from 0"),
  ]
  /// The rule without the decay.
  public var adam: Adam

  /// Creates the rule; see the properties.
  public init(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-7) {
    adam = Adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
  }

  /// The slots of Adam.
  public var slots: [String] { adam.slots }
  /// The decoupled weight decay by default, 0.004.
  public var defaultWeightDecay: Float { 0.004 }

  /// Updates a segment of weights and slots in place.
  public func update(_ s: UpdateSegment) { adam.update(s) }
}
