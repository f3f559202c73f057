import CKernels

/// Brings numbers into another range: f(x) = scale · x + offset, neither of them trained.
///
/// Images come as numbers from 0 to 1; `scale: 2, offset: -1` makes them −1 to 1.
public struct Rescaling: ActivationSpec {
  /// `rescaling`.
  public static let kind = "rescaling"
  /// What it computes.
  public static let help = "scale · x + offset"
  /// One with every default.
  public static let prototype = Rescaling(scale: 1)
  /// What can be set.
  public static let settings: [Setting<Rescaling>] = [
    Setting("scale", \.scale, .finite, "what each number is multiplied by").required(),
    Setting("offset", \.offset, .finite, "what is then added"),
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// What each number is multiplied by.
  public var scale: Float
  /// What is then added.
  public var offset: Float

  /// Creates a rescaling.
  public init(scale: Float, offset: Float = 0) {
    self.scale = scale
    self.offset = offset
  }

  /// y = scale · x + offset. Overwrites `y`.
  public func forward(
    _ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    mc_rescale(count, scale, offset, x, y)
  }

  /// dx = scale · dy. Overwrites `dx`.
  public func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    mc_rescale(count, scale, 0, dy, dx)
  }
}
