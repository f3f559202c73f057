import CKernels

/// Shifts and scales each channel so that over the training set its mean is 0 and its variance 1.
///
/// A run that begins learns mean and variance from its training samples, those for validation left out and
/// none of them augmented, in one pass before its first step, unless it starts from weights that have them.
/// They are part of the weights from then on. The layers before it, if any, are as they are before training,
/// so it belongs at the beginning.
///
/// As in Keras, where `adapt` is to be called, but for a channel that does not vary: its variance is taken to
/// be 1, in place of the rounding errors that would be divided by each other.
public struct Normalization: LayerSpec {
  /// `normalization`.
  public static let kind = "normalization"
  /// What it computes.
  public static let help = "each channel by its mean and variance over the training set"
  /// One with every default.
  public static let prototype = Normalization()
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()

  /// Creates a normalization.
  public init() {}

  /// Makes the layer for images or vectors; the last axis holds the channels.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    guard input.rank >= 1 else { throw ModelError("takes vectors or images, not a single number") }
    return NormalizationLayer(inputShape: input)
  }
}

/// A normalization whose shapes are known.
struct NormalizationLayer: AdaptiveLayer {
  let inputShape: Shape

  var outputShape: Shape { inputShape }
  private var channels: Int { inputShape.last }

  var variables: [Variable] {
    [
      Variable("mean", shape: [channels], role: .statistic, initializer: .zeros),
      Variable("variance", shape: [channels], role: .statistic, initializer: .ones),
      // The training samples. Keras counts none, but has the variable.
      Variable(count: "count"),
    ]
  }

  /// Positions that are worked on side by side, as loops over the one channel of a gray image would be slow.
  private var fold: Int {
    let positions = inputShape.count / channels
    var fold = 1
    while fold < 16, positions % (2 * fold) == 0, 2 * fold * channels <= 64 { fold *= 2 }
    return fold
  }
  private var columns: Int { fold * channels }

  // Mean, then 1/√variance, each as often as positions are worked on side by side.
  var preparedCount: Int { 2 * columns }

  func prepare(_ weights: Weights, piece: Int, into prepared: UnsafeMutablePointer<Float>) {
    for i in 0..<columns {
      prepared[i] = weights[0][i % channels]
      // Keras's smallest divisor.
      prepared[columns + i] = 1 / max(weights[1][i % channels].squareRoot(), 1e-7)
    }
  }

  // y = (x − mean) / √variance
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    let form = MCBatchNorm(
      channels: columns, mean: weights.prepared, rstd: weights.prepared + columns, gamma: nil,
      beta: nil, rectifier: Rectifier.none.parameters)
    withUnsafePointer(to: form) {
      mc_batch_norm_forward($0, x.count / columns, x.pointer, y.mutablePointer())
    }
  }

  // dx = dy / √variance
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    guard let dx = dx?.mutablePointer() else { return }
    mc_multiply(
      1, dy.count / columns, columns, dy.pointer, weights.prepared + columns, dx)
  }

  // MARK: What it learns

  func isAdapted(_ weights: Weights) -> Bool {
    weights[2][0] > 0 || (0..<channels).contains { weights[0][$0] != 0 || weights[1][$0] != 1 }
  }

  var summaryCount: Int { 2 * columns }

  func summarize(_ x: Tensor, into summary: UnsafeMutablePointer<Float>) {
    mc_batch_norm_statistics(
      x.count / columns, columns, x.pointer, summary, summary + columns)
  }

  func adapt(
    to summaries: UnsafeBufferPointer<ShardSummary>,
    variables: (Int) -> UnsafeMutablePointer<Float>
  ) {
    let rows = inputShape.count / columns
    for c in 0..<channels {
      var moments = Moments()
      for summary in summaries {
        for i in stride(from: c, to: columns, by: channels) {
          moments.join(
            count: Double(summary.samples * rows), mean: summary.values[i],
            deviations: summary.values[columns + i])
        }
      }
      let varies = moments.variance > 1e-12 * moments.mean * moments.mean
      variables(0)[c] = Float(moments.mean)
      variables(1)[c] = varies ? Float(moments.variance) : 1
    }
    variables(2)[0] = Float(summaries.reduce(0) { $0 + $1.samples })
  }
}
