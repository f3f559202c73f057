import CKernels

/// The exponential linear unit: f(x) = x above 0, α · (eˣ − 1) below.
///
/// Clevert, Unterthiner and Hochreiter 2015, "Fast and accurate deep network learning by exponential
/// linear units".
public struct ELU: ActivationSpec {
  /// `elu`.
  public static let kind = "elu"
  /// The name the model gives this layer.
  public var name: String?
  /// What −f approaches far below 0.
  public var alpha: Float

  /// Creates an ELU.
  public init(alpha: Float = 1) { self.alpha = alpha }

  /// Makes the layer for samples of any shape.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    guard alpha >= 0, alpha.isFinite else {
      throw ModelError("alpha: expected a number of at least 0, found \(alpha)")
    }
    return ActivationLayer(inputShape: input, function: self)
  }

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
