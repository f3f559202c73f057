import CKernels

/// A ReLU that is bounded above: f(x) = min(max(0, x), 6).
///
/// Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10"; the activation of MobileNet. In
/// Keras it is a `ReLU` with `max_value=6`. The gradient is masked (0) at both ends, 0 and 6 included.
public struct ReLU6: ActivationSpec, FusibleActivation {
  /// `relu6`.
  public static let kind = "relu6"
  /// `re_lu`.
  public static let kerasClass = "re_lu"
  /// What it computes.
  public static let help = "min(max(0, x), 6)"
  /// One with every default.
  public static let prototype = ReLU6()
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()

  /// Creates a ReLU6.
  public init() {}

  /// 0: a unit that gives it for every sample is dead.
  public var saturation: Saturation? { .rectified }

  var fusible: FusibleOperation? { .rectification(Rectifier(slope: 0, bound: 6)) }

  /// y = min(max(0, x), 6). Overwrites `y`.
  public func forward(
    _ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    mc_relu6_forward(count, x, y)
  }

  /// dx = dy where the output was between 0 and 6, 0 elsewhere. Overwrites `dx`.
  public func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    mc_relu6_backward(count, y, dy, dx)
  }
}
