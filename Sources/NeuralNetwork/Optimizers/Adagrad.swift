import CKernels

/// Divides each gradient by the root of the sum of all its squares so far.
///
/// a ← a + g², w ← w − η·g/√(a + ε). Duchi, Hazan and Singer 2011, "Adaptive subgradient methods".
public struct Adagrad: Optimizer {
  /// `adagrad`.
  public static let kind = "adagrad"
  /// The learning rate by default, 0.001.
  public static let defaultLearningRate: Float = 0.001
  /// The rule with Keras's defaults.
  public static let prototype = Adagrad()
  /// What can be set.
  public static let settings: [Setting<Adagrad>] = [
    Setting("epsilon", \.epsilon, .positive, "what keeps the division from 0")
  ]
  /// What is added to the sum before its root is taken.
  public var epsilon: Float

  /// Creates the rule; see the properties.
  public init(epsilon: Float = 1e-7) { self.epsilon = epsilon }

  /// `accumulator`.
  public var slots: [String] { ["accumulator"] }
  /// 0.1, what Keras's sum of squares starts from.
  public var initialSlotValue: Float { 0.1 }

  /// Updates a segment of weights and slots in place.
  public func update(_ s: UpdateSegment) {
    guard let accumulator = s.slots.0 else { return }
    mc_adagrad_update(s.count, s.numbers, epsilon, s.gradient, s.weights, accumulator)
  }
}
