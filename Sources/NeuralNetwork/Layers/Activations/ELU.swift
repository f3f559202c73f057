import CKernels

/// The exponential linear unit: f(x) = x above 0, α · (eˣ − 1) below.
///
/// Clevert, Unterthiner and Hochreiter 2015, "Fast and accurate deep network learning by exponential
/// linear units".
public struct ELU: ActivationSpec {
  /// `elu`.
  public static let kind = "elu"
  /// What it computes.
  public static let help = "x above 0, α · (eˣ − 1) elsewhere"
  /// One with every default.
  public static let prototype = ELU()
  /// What can be set.
  public static let settings: [Setting<ELU>] = [
    Setting(
      "alpha", \.alpha, .notNegative, "what the negative of the output approaches far below 0")
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// What −f approaches far below 0.
  public var alpha: Float

  /// Creates an ELU.
  public init(alpha: Float = 1) { self.alpha = alpha }

  /// y = x above 0, α · (eˣ − 1) elsewhere. Overwrites `y`.
  public func forward(
    _ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    mc_elu_forward(count, alpha, x, y)
  }

  /// dx = dy above 0, dy · (y + α) elsewhere. Overwrites `dx`.
  public func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    mc_elu_backward(count, alpha, x, y, dy, dx)
  }
}
