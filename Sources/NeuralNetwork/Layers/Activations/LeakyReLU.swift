import CKernels

/// A ReLU that lets a share of negative inputs through: f(x) = x above 0, slope · x below.
///
/// Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural network acoustic models".
public struct LeakyReLU: ActivationSpec {
  /// `leaky_relu`.
  public static let kind = "leaky_relu"
  /// The name the model gives this layer.
  public var name: String?
  /// The share of a negative input that passes.
  public var slope: Float

  /// Creates a leaky ReLU with Keras's slope.
  public init(slope: Float = 0.3) { self.slope = slope }

  /// Makes the layer for samples of any shape.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    guard slope >= 0, slope.isFinite else {
      throw ModelError("slope: expected a number of at least 0, found \(slope)")
    }
    return ActivationLayer(inputShape: input, function: self)
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
