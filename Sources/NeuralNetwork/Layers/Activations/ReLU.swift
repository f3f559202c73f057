import CKernels

/// The rectified linear unit: f(x) = max(0, x).
///
/// It does not saturate above 0: the gradient passes unchanged wherever the input was positive and
/// is masked (0) everywhere else, 0 itself included. Nair and Hinton 2010, "Rectified linear units
/// improve restricted Boltzmann machines".
public struct ReLU: ActivationSpec, FusibleActivation {
  /// `relu`.
  public static let kind = "relu"
  /// `re_lu`.
  public static let kerasClass = "re_lu"
  /// What it computes.
  public static let help = "max(0, x)"
  /// One with every default.
  public static let prototype = ReLU()
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()

  /// Creates a ReLU.
  public init() {}

  /// 0: a unit that gives it for every sample is dead.
  public var saturation: Saturation? { .rectified }
  var fusible: FusibleOperation? { .rectification(Rectifier(slope: 0)) }

  /// y = max(0, x). Overwrites `y`.
  public func forward(
    _ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    mc_relu_forward(count, x, y)
  }

  /// dx = dy where the input was positive, 0 elsewhere; y > 0 exactly where x > 0. Overwrites `dx`.
  public func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    mc_relu_backward(count, y, dy, dx)
  }
}
