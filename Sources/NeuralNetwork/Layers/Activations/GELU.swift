import CKernels

/// The Gaussian error linear unit in its exact form: f(x) = x · Φ(x).
///
/// Hendrycks and Gimpel 2016, "Gaussian error linear units (GELUs)".
public struct GELU: ActivationSpec {
  /// `gelu`.
  public static let kind = "gelu"
  /// `activation`.
  public static let kerasClass = "activation"
  /// What it computes.
  public static let help = "x · Φ(x), exact"
  /// One with every default.
  public static let prototype = GELU()
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()

  /// Creates a GELU.
  public init() {}

  /// y = x · Φ(x), Φ the standard normal distribution function. Overwrites `y`.
  public func forward(
    _ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    mc_gelu_forward(count, x, y)
  }

  /// dx = dy · (Φ(x) + x · φ(x)), φ the standard normal density. Overwrites `dx`.
  public func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    mc_gelu_backward(count, x, dy, dx)
  }
}
