import CKernels

/// The hyperbolic tangent. Like the sigmoid it saturates far from 0.
public struct Tanh: ActivationSpec {
  /// `tanh`.
  public static let kind = "tanh"
  /// `activation`.
  public static let kerasClass = "activation"
  /// What it computes.
  public static let help = "the hyperbolic tangent"
  /// One with every default.
  public static let prototype = Tanh()
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()

  /// Creates a hyperbolic tangent.
  public init() {}

  /// Near −1 and 1.
  public var saturation: Saturation? { .ends(of: -1...1) }

  /// y = tanh x. Overwrites `y`.
  public func forward(
    _ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    mc_tanh_forward(count, x, y)
  }

  /// dx = dy · (1 − y²). Overwrites `dx`.
  public func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    mc_tanh_backward(count, y, dy, dx)
  }
}
