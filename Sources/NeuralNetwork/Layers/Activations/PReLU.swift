import CKernels

/// A leaky ReLU whose slopes are trained: f(x) = x above 0, α · x elsewhere.
///
/// He et al. 2015, "Delving deep into rectifiers". As in Keras every number of a sample has a slope of
/// its own unless ``shared``, and slopes begin at 0; the paper has one for each channel, which begins at
/// 0.25. Weight decay leaves them alone, as in the paper: it would pull them towards a ReLU.
public struct PReLU: LayerSpec {
  /// `prelu`.
  public static let kind = "prelu"
  /// `p_re_lu`.
  public static let kerasClass = "p_re_lu"
  /// What it computes.
  public static let help = "x above 0, α · x elsewhere, α trained"
  /// One with every default.
  public static let prototype = PReLU()
  /// What can be set.
  public static let settings: [Setting<PReLU>] = [
    Setting(
      "shared", \.shared, "whether all positions of an image share the slope of their channel"),
    Setting("initial", \.initial, .finite, "the slopes before training"),
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// Whether all positions of an image share the slope of their channel: Keras's `shared_axes=[1, 2]`.
  public var shared: Bool
  /// The slopes before training.
  public var initial: Float

  /// Creates a PReLU with Keras's defaults.
  public init(shared: Bool = false, initial: Float = 0) {
    self.shared = shared
    self.initial = initial
  }

  /// Makes the layer for samples of any shape.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    PReLULayer(inputShape: input, spec: self)
  }
}

/// A PReLU on samples whose shape is known.
struct PReLULayer: Layer {
  let inputShape: Shape
  let spec: PReLU

  var outputShape: Shape { inputShape }

  var variables: [Variable] {
    let extents = inputShape.array
    let shape = spec.shared ? extents.dropLast().map { _ in 1 } + extents.suffix(1) : extents
    return [Variable("alpha", shape: Shape(shape), role: .bias, constant: spec.initial)]
  }

  /// Numbers that have slopes of their own.
  private var columns: Int { spec.shared ? inputShape.last : inputShape.count }

  // y = x where x > 0, α · x elsewhere
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    mc_prelu_forward(x.count / columns, columns, weights[0], x.pointer, y.mutablePointer())
  }

  // dx = dy where x > 0, α · dy elsewhere; dα = Σ dy · x over all x ≤ 0
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    mc_prelu_backward(
      dy.count / columns, columns, weights[0], x.pointer, dy.pointer, gradients?[0],
      dx?.mutablePointer())
  }
}
