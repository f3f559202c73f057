import CKernels

/// A rule that turns gradients into new weights.
///
/// Formulas and defaults are Keras 3's. An optimizer holds its settings; what it remembers from
/// step to step are slots, arrays as long as the trained variables, kept in ``OptimizerState``.
public protocol Optimizer: Configurable, Equatable {
  /// The learning rate where none is given, Keras's default.
  static var defaultLearningRate: Float { get }
  /// The slots, by Keras's names.
  var slots: [String] { get }
  /// Whether a Keras file stores the slots variable by variable (m, v, m, v) or slot by slot.
  var interleavesSlots: Bool { get }
  /// What a slot holds before the first step.
  var initialSlotValue: Float { get }
  /// The decoupled weight decay where none is given.
  var defaultWeightDecay: Float { get }

  /// Updates a segment of weights and slots in place.
  func update(_ segment: UpdateSegment)
}

extension Optimizer {
  /// No settings by default.
  public static var settings: [Setting<Self>] { [] }
  /// The learning rate where none is given.
  public var defaultLearningRate: Float { Self.defaultLearningRate }
  /// Variable by variable by default.
  public var interleavesSlots: Bool { true }
  /// Slots start from zero by default.
  public var initialSlotValue: Float { 0 }
  /// No decoupled weight decay by default.
  public var defaultWeightDecay: Float { 0 }
}

/// The optimizers that a model file and a flag can name.
package enum OptimizerRegistry {
  package static let all: [any Optimizer.Type] = [
    SGD.self, RMSProp.self, Adagrad.self, Adam.self, AdamW.self,
  ]

  package static var kinds: [String] { all.map { $0.kind } }
}

/// The segment of the flat arrays that one call updates, and the numbers of this step.
public struct UpdateSegment {
  /// The number of floats in it.
  public let count: Int
  /// The learning rate of this step.
  public let rate: Float
  /// The number of this step, counted from 1.
  public let step: Int
  /// What the gradient is multiplied by first: below 1 where its norm is clipped.
  public let gradientScale: Float
  /// L2: this times the weight is added to the gradient.
  public let l2: Float
  /// L1: this times the weight's sign is added to the gradient.
  public let l1: Float
  /// Decoupled weight decay: the weight loses this times the rate of itself.
  public let decay: Float
  /// The gradient, read.
  public let gradient: UnsafePointer<Float>
  /// The weights, updated in place.
  public let weights: UnsafeMutablePointer<Float>
  /// The slots, in the order of ``Optimizer/slots``, updated in place.
  public let slots: (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?)

  /// What the loop of every rule takes of the step.
  var numbers: MCStep {
    MCStep(rate: rate, gradientScale: gradientScale, l2: l2, l1: l1, decay: decay)
  }
}
