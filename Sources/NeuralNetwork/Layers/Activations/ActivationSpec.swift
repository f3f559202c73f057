/// A function applied to each element, with its derivative.
///
/// A new one needs only its name, its parameters and these two loops; ``build(input:)`` comes with
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
}

extension ActivationSpec {
  /// Numbers of any size by default.
  public var outputKind: OutputKind { .values }

  /// Makes the layer for samples of any shape.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    ActivationLayer(inputShape: input, function: self)
  }
}

/// An activation on samples whose shape is known.
struct ActivationLayer<Function: ActivationSpec>: Layer {
  static var kind: String { Function.kind }
  let inputShape: Shape
  let function: Function

  var outputShape: Shape { inputShape }
  var outputKind: OutputKind { function.outputKind }

  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: inout Cache, mode: Mode
  ) {
    function.forward(x.count, x.pointer, into: y.mutablePointer())
  }

  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients,
    weights: Weights, cache: inout Cache, mode: Mode
  ) {
    guard let dx = dx?.mutablePointer() else { return }
    function.backward(dy.count, dy: dy.pointer, x: x.pointer, y: y.pointer, into: dx)
  }
}
