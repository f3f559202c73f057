import CKernels

/// Sets a random share of its inputs to 0 while training, and scales the rest so that the mean does
/// not change; does nothing otherwise.
///
/// Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
public struct Dropout: LayerSpec {
  /// `dropout`.
  public static let kind = "dropout"
  /// What it computes.
  public static let help = "sets a random share of the inputs to 0 in training"
  /// One with every default.
  public static let prototype = Dropout(rate: 0.5)
  /// What can be set.
  public static let settings: [Setting<Dropout>] = [
    Setting("rate", \.rate, .from(0, below: 1), "the share that is dropped").required()
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// The share that is dropped, from 0 to below 1.
  public var rate: Float

  /// Creates a dropout of this rate.
  public init(rate: Float) { self.rate = rate }

  /// Makes the layer for samples of any shape.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    DropoutLayer(inputShape: input, rate: rate)
  }
}

/// A dropout whose shape and node are known.
struct DropoutLayer: StochasticLayer {
  let inputShape: Shape
  let rate: Float
  var node = 0

  var outputShape: Shape { inputShape }

  func isIdentity(training: Bool) -> Bool { !training }
  var sparsity: Sparsity { rate > 0 ? .outputAndGradient : .none }

  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    drop(x, into: y.mutablePointer(), mode: mode)
  }

  // What was kept lets its gradient through, scaled alike: the same function.
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
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
      let key = draw.key(ofSample: n, node: node)
      mc_dropout(size, key, rate, source.pointer + n * size, target + n * size)
    }
  }
}
