import CKernels

/// The logistic function: f(x) = 1 / (1 + e⁻ˣ).
///
/// It saturates: far from 0 its slope y · (1 − y) vanishes, and the gradient with it.
public struct Sigmoid: ActivationSpec {
  /// `sigmoid`.
  public static let kind = "sigmoid"
  /// `activation`.
  public static let kerasClass = "activation"
  /// What it computes.
  public static let help = "1 / (1 + e⁻ˣ)"
  /// One with every default.
  public static let prototype = Sigmoid()
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()

  /// Creates a sigmoid.
  public init() {}

  /// Near 0 and 1.
  public var saturation: Saturation? { .ends(of: 0...1) }
  /// A probability for each element by itself.
  public var outputKind: OutputKind { .independentProbabilities }

  /// y = 1 / (1 + e⁻ˣ). Overwrites `y`.
  public func forward(
    _ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    mc_sigmoid_forward(count, x, y)
  }

  /// dx = dy · y · (1 − y). Overwrites `dx`.
  public func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    mc_sigmoid_backward(count, y, dy, dx)
  }
}
