/// A function applied to each element, with its derivative.
///
/// A new one needs only its name, its parameters and these two loops; ``LayerSpec/build(input:)`` comes with
/// the protocol.
public protocol ActivationSpec: LayerSpec {
  /// What its values stand for.
  var outputKind: OutputKind { get }

  /// y = f(x), elementwise. Overwrites `y`.
  func forward(_ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>)
  /// dx = dy · f′(x), elementwise, where y = f(x). Overwrites `dx`.
  func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>)
  /// Which outputs let hardly any gradient through; `nil` where none do.
  var saturation: Saturation? { get }
}

extension ActivationSpec {
  /// `nil` by default.
  public var saturation: Saturation? { nil }
  /// Numbers of any size by default.
  public var outputKind: OutputKind { .values }

  /// Makes the layer for samples of any shape.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    ActivationLayer(inputShape: input, function: self)
  }
}

/// An activation on samples whose shape is known.
struct ActivationLayer<Function: ActivationSpec>: FusibleLayer, RowwiseLayer {
  let inputShape: Shape
  let function: Function

  var outputShape: Shape { inputShape }
  var saturation: Saturation? { function.saturation }
  var sparsity: Sparsity { saturation == .rectified ? .outputAndGradient : .none }
  var fusible: FusibleOperation? { (function as? any FusibleActivation)?.fusible }
  var outputKind: OutputKind { function.outputKind }

  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    function.forward(x.count, x.pointer, into: y.mutablePointer())
  }

  var rowStep: Int? { inputShape.rank == 3 ? 1 : nil }

  func forward(
    rows: Range<Int>, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    weights: Weights, cache: Cache
  ) {
    let start = inputShape.start(ofRow: rows.lowerBound)
    function.forward(inputShape.count(ofRows: rows), x + start, into: y + start)
  }

  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    guard let dx = dx?.mutablePointer() else { return }
    function.backward(dy.count, dy: dy.pointer, x: x.pointer, y: y.pointer, into: dx)
  }
}

/// An activation that the layer before it may compute along with itself.
protocol FusibleActivation: ActivationSpec {
  /// What it computes; `nil` where no other layer can.
  var fusible: FusibleOperation? { get }
}
