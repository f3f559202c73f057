import CKernels

/// A ReLU that lets a share of negative inputs through: f(x) = x above 0, slope · x below.
///
/// Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural network acoustic models".
public struct LeakyReLU: ActivationSpec, FusibleActivation {
  /// `leaky_relu`.
  public static let kind = "leaky_relu"
  /// `leaky_re_lu`.
  public static let kerasClass = "leaky_re_lu"
  /// What it computes.
  public static let help = "x above 0, slope · x elsewhere"
  /// One with every default.
  public static let prototype = LeakyReLU()
  /// What can be set.
  public static let settings: [Setting<LeakyReLU>] = [
    Setting("slope", \.slope, .notNegative, "the slope below 0")
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// The share of a negative input that passes.
  public var slope: Float

  /// Creates a leaky ReLU with Keras's slope.
  public init(slope: Float = 0.3) { self.slope = slope }

  // What is fused tells by the output which inputs were above 0.
  var fusible: FusibleOperation? {
    slope >= 0 ? .rectification(Rectifier(slope: slope)) : nil
  }

  /// y = x above 0, slope · x elsewhere. Overwrites `y`.
  public func forward(
    _ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    mc_leaky_relu_forward(count, slope, x, y)
  }

  /// dx = dy where x was positive, slope · dy elsewhere. Overwrites `dx`.
  public func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    mc_leaky_relu_backward(count, slope, x, dy, dx)
  }
}
