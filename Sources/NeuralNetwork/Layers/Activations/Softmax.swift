import CKernels

/// Turns the last axis into probabilities: eˣ / Σeˣ.
///
/// A classifier trained with cross-entropy needs none: that loss takes logits and is exact where a
/// softmax would have rounded to 0.
public struct Softmax: LayerSpec {
  /// `softmax`.
  public static let kind = "softmax"
  /// What it computes.
  public static let help = "eˣ / Σeˣ over the last axis"
  /// One with every default.
  public static let prototype = Softmax()
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()

  /// Creates a softmax over the last axis.
  public init() {}

  /// Makes the layer for vectors or images.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    guard input.rank >= 1 else { throw ModelError("takes vectors or images, not a single number") }
    return SoftmaxLayer(inputShape: input)
  }
}

/// A softmax on samples whose shape is known.
struct SoftmaxLayer: Layer {
  let inputShape: Shape

  var outputShape: Shape { inputShape }
  var outputKind: OutputKind { .probabilities }
  private var columns: Int { inputShape[inputShape.rank - 1] }

  // y = e^(x − max) / Σ e^(x − max), row by row
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    mc_softmax_forward(x.count / columns, columns, x.pointer, y.mutablePointer())
  }

  // dx = y · (dy − Σ dy·y), row by row
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    guard let dx = dx?.mutablePointer() else { return }
    mc_softmax_backward(dy.count / columns, columns, y.pointer, dy.pointer, dx)
  }
}

extension Softmax {
  /// The probabilities that some logits stand for.
  public static func probabilities(_ logits: [Float]) -> [Float] {
    var result = logits
    mc_softmax_forward(1, logits.count, logits, &result)
    return result
  }
}
