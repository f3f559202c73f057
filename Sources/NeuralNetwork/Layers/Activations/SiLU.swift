import CKernels

/// The sigmoid linear unit, also called swish: f(x) = x / (1 + e⁻ˣ).
///
/// Elfwing, Uchibe and Doya 2017, "Sigmoid-weighted linear units for neural network function
/// approximation in reinforcement learning"; Ramachandran, Zoph and Le 2017, "Searching for activation
/// functions".
public struct SiLU: ActivationSpec {
  /// `silu`.
  public static let kind = "silu"
  /// `activation`.
  public static let kerasClass = "activation"
  /// What it computes.
  public static let help = "x / (1 + e⁻ˣ), also called swish"
  /// One with every default.
  public static let prototype = SiLU()
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()

  /// Creates a SiLU.
  public init() {}

  /// y = x · σ(x), σ the logistic function. Overwrites `y`.
  public func forward(
    _ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    mc_silu_forward(count, x, y)
  }

  /// dx = dy · σ(x) · (1 + x · (1 − σ(x))). Overwrites `dx`.
  public func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    mc_silu_backward(count, x, dy, dx)
  }
}
