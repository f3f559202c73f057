import CKernels

/// A batch normalization whose shapes are known.
///
/// Shared by the whole batch, each `[channels]`: mean, 1/√(variance + ε), variance, Σdy, Σdy·x̂; then
/// the number of rows.
struct BatchNormLayer: BatchWideLayer {
  let inputShape: Shape
  let spec: BatchNorm

  var outputShape: Shape { inputShape }
  var channels: Int { inputShape[inputShape.rank - 1] }
  /// Rows of `channels` numbers in one sample: the positions of an image.
  var positions: Int { inputShape.count / channels }

  var variables: [Variable] {
    let shape: Shape = [channels]
    var list: [Variable] = []
    if spec.scale { list.append(Variable("gamma", shape: shape, role: .bias, initializer: .ones)) }
    if spec.center { list.append(Variable("beta", shape: shape, role: .bias, initializer: .zeros)) }
    list.append(Variable("moving_mean", shape: shape, role: .statistic, initializer: .zeros))
    list.append(Variable("moving_variance", shape: shape, role: .statistic, initializer: .ones))
    return list
  }

  private var gamma: Int? { spec.scale ? 0 : nil }
  private var beta: Int? { spec.center ? (spec.scale ? 1 : 0) : nil }
  private var movingMean: Int { (spec.scale ? 1 : 0) + (spec.center ? 1 : 0) }
  private var movingVariance: Int { movingMean + 1 }

  // The running statistics in the form the loop wants: mean, then 1/√(variance + ε).
  var preparedCount: Int { 2 * channels }

  func prepare(_ weights: Weights, piece: Int, into prepared: UnsafeMutablePointer<Float>) {
    prepared.update(from: weights[movingMean], count: channels)
    for c in 0..<channels {
      prepared[channels + c] = 1 / (weights[movingVariance][c] + spec.epsilon).squareRoot()
    }
  }

  // y = γ · (x − mean) / √(variance + ε) + β
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    let statistics: UnsafePointer<Float>
    switch mode {
    case .training: statistics = weights.shared
    case .inference: statistics = weights.prepared
    }
    mc_batch_norm_forward(
      x.samples * positions, channels, x.pointer, statistics, statistics + channels,
      gamma.map { weights[$0] }, beta.map { weights[$0] }, y.mutablePointer())
  }

  var cached: [CachedArray] { [CachedArray(scratch: 4 * channels)] }

  // dx = γ/√(variance + ε) · (dy − Σdy/M − x̂·Σ(dy·x̂)/M), the sums over all M positions of the
  // batch
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    guard case .training = mode else {
      return backwardAtRest(
        dy, x: x, into: &dx, adding: gradients, weights: weights, cache: cache)
    }
    guard let dx = dx?.mutablePointer() else { return }
    let shared = weights.shared
    mc_batch_norm_backward(
      x.samples * positions, channels, Int(shared[5 * channels]), x.pointer, dy.pointer, shared,
      shared + channels, gamma.map { weights[$0] }, shared + 3 * channels, shared + 4 * channels,
      dx)
  }

  // Running statistics do not depend on x: dx = dy · γ/√(variance + ε)
  private func backwardAtRest(
    _ dy: Tensor, x: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache
  ) {
    let rows = x.samples * positions
    let (mean, rstd) = (weights.prepared, weights.prepared + channels)
    let sums = cache.floats(0)
    let zeros = sums + 2 * channels
    if let gradients {
      mc_batch_norm_backward_sums(
        rows, channels, x.pointer, dy.pointer, mean, rstd, sums, sums + channels)
      add(sums, to: gradients)
    }
    guard let dx = dx?.mutablePointer() else { return }
    mc_fill(2 * channels, 0, zeros)
    mc_batch_norm_backward(
      rows, channels, 1, x.pointer, dy.pointer, mean, rstd, gamma.map { weights[$0] }, zeros,
      zeros + channels, dx)
  }

  // dβ = Σdy, dγ = Σdy·x̂
  private func add(_ sums: UnsafePointer<Float>, to gradients: Gradients) {
    if let beta { mc_accumulate(channels, sums, gradients[beta]) }
    if let gamma { mc_accumulate(channels, sums + channels, gradients[gamma]) }
  }

  // MARK: Where the shards meet

  var summaryCount: Int { 2 * channels }
  // The last float is the number of rows in the batch, exact up to 2²⁴.
  var sharedCount: Int { 5 * channels + 1 }

  func summarize(_ x: Tensor, into summary: UnsafeMutablePointer<Float>) {
    mc_batch_norm_statistics(
      x.samples * positions, channels, x.pointer, summary, summary + channels)
  }

  func join(
    _ summaries: UnsafeBufferPointer<ShardSummary>, into shared: UnsafeMutablePointer<Float>
  ) {
    let rows = summaries.reduce(0) { $0 + $1.samples } * positions
    for c in 0..<channels {
      var moments = Moments()
      for summary in summaries {
        moments.join(
          count: Double(summary.samples * positions), mean: summary.values[c],
          deviations: summary.values[channels + c])
      }
      let variance = Float(moments.variance)
      shared[c] = Float(moments.mean)
      shared[channels + c] = 1 / (variance + spec.epsilon).squareRoot()
      shared[2 * channels + c] = variance
    }
    shared[5 * channels] = Float(rows)
  }

  func summarizeGradient(
    _ dy: Tensor, x: Tensor, into summary: UnsafeMutablePointer<Float>,
    adding gradients: Gradients, weights: Weights
  ) {
    mc_batch_norm_backward_sums(
      x.samples * positions, channels, x.pointer, dy.pointer, weights.shared,
      weights.shared + channels, summary, summary + channels)
    add(summary, to: gradients)
  }

  func joinGradients(
    _ summaries: UnsafeBufferPointer<ShardSummary>, into shared: UnsafeMutablePointer<Float>
  ) {
    for c in 0..<(2 * channels) {
      shared[3 * channels + c] = Float(summaries.reduce(0.0) { $0 + Double($1.values[c]) })
    }
  }

  // running ← momentum · running + (1 − momentum) · batch
  func updateStatistics(
    _ shared: UnsafePointer<Float>, variables: (Int) -> UnsafeMutablePointer<Float>
  ) {
    let mean = variables(movingMean)
    let variance = variables(movingVariance)
    for c in 0..<channels {
      mean[c] = spec.momentum * mean[c] + (1 - spec.momentum) * shared[c]
      variance[c] = spec.momentum * variance[c] + (1 - spec.momentum) * shared[2 * channels + c]
    }
  }
}
