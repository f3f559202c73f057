import CKernels

/// Sets a random share of its inputs to 0 while training, and scales the rest so that the mean does
/// not change; does nothing otherwise.
///
/// Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
public struct Dropout: LayerSpec {
  /// `dropout`.
  public static let kind = "dropout"
  /// The name the model gives this layer.
  public var name: String?
  /// The share that is dropped, from 0 to below 1.
  public var rate: Float

  /// Creates a dropout of this rate.
  public init(rate: Float) { self.rate = rate }

  /// Makes the layer for samples of any shape.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    guard rate >= 0, rate < 1 else {
      throw ModelError("rate: expected 0 to below 1, found \(rate)")
    }
    return DropoutLayer(inputShape: input, rate: rate, position: 0)
  }
}

/// A dropout whose shape and position in the network are known.
struct DropoutLayer: Layer {
  static let kind = Dropout.kind
  let inputShape: Shape
  let rate: Float
  /// The layer's number in its network, so that two dropouts draw different numbers.
  var position: Int

  var outputShape: Shape { inputShape }

  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: inout Cache, mode: Mode
  ) {
    drop(x, into: y.mutablePointer(), mode: mode)
  }

  // What was kept lets its gradient through, scaled alike: the same function.
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients,
    weights: Weights, cache: inout Cache, mode: Mode
  ) {
    if let dx = dx?.mutablePointer() { drop(dy, into: dx, mode: mode) }
  }

  private func drop(_ source: Tensor, into target: UnsafeMutablePointer<Float>, mode: Mode) {
    let size = inputShape.count
    guard case .training(let draw) = mode, rate > 0 else {
      target.update(from: source.pointer, count: source.count)
      return
    }
    for n in 0..<source.samples {
      let key = CounterRandom.key(
        seed: draw.seed, .dropout, draw.epoch, Int(draw.samples[n]), position)
      mc_dropout(size, key, rate, source.pointer + n * size, target + n * size)
    }
  }
}
