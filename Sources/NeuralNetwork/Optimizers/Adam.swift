import CKernels

/// Steps by running means of the gradient and of its square, corrected for their start at 0.
///
/// m ← β₁·m + (1−β₁)·g, v ← β₂·v + (1−β₂)·g², w ← w − η·√(1−β₂ᵗ)/(1−β₁ᵗ) · m/(√v + ε).
/// Kingma and Ba 2014, "Adam: a method for stochastic optimization".
public struct Adam: Optimizer {
  /// `adam`.
  public static let kind = "adam"
  /// The learning rate by default, 0.001.
  public static let defaultLearningRate: Float = 0.001
  /// The rule with Keras's defaults.
  public static let prototype = Adam()
  /// What can be set.
  public static let settings: [Setting<Adam>] = [
    Setting("beta1", \.beta1, .from(0, below: 1), "the weight of the old mean"),
    Setting("beta2", \.beta2, .from(0, below: 1), "the weight of the old mean square"),
    Setting("epsilon", \.epsilon, .positive, "what keeps the division from 0"),
  ]
  /// The weight of the old mean.
  public var beta1: Float
  /// The weight of the old mean square.
  public var beta2: Float
  /// What is added to the root of the mean square.
  public var epsilon: Float

  /// Creates the rule; see the properties.
  public init(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-7) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  /// `momentum` and `velocity`.
  public var slots: [String] { ["momentum", "velocity"] }

  /// Updates a segment of weights and slots in place.
  public func update(_ s: UpdateSegment) {
    guard let mean = s.slots.0, let square = s.slots.1 else { return }
    mc_adam_update(
      s.count, s.numbers, correctedRate(s.rate, step: s.step), beta1, beta2, epsilon, s.gradient,
      s.weights, mean, square)
  }

  // Powers by repeated squaring, in double: the same bits with every C library.
  private func correctedRate(_ rate: Float, step: Int) -> Float {
    let first = 1 - Double(beta1).raised(to: step)
    let second = 1 - Double(beta2).raised(to: step)
    return Float(Double(rate) * second.squareRoot() / first)
  }
}

extension Double {
  /// This number to a whole power, by repeated squaring.
  func raised(to exponent: Int) -> Double {
    var result = 1.0
    var factor = self
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}
