import CKernels

/// A batch normalization whose shapes are known, and the rectifier and max pooling that a pass
/// fuses into it (``Graph/fused(for:)``).
///
/// Shared by the whole batch, each `[channels]`: mean, 1/√(variance + ε), variance, Σdy, Σdy·x̂; then
/// the number of rows.
struct BatchNormLayer: BatchWideLayer, FusibleLayer, RowwiseLayer {
  let inputShape: Shape
  let spec: BatchNorm
  var rectifier = Rectifier.none
  var pooling: WindowGeometry?

  var outputShape: Shape { pooling?.outputShape ?? inputShape }
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

  // A pooled output is small, and its argmax is kept.
  var isRecomputed: Bool { pooling == nil }

  var fusible: FusibleOperation? { .normalization(self) }

  // MARK: What another layer's weights take over, whose variables come before number `first`

  /// γ · (1/√(variance + ε)), by the running statistics.
  func factor(_ channel: Int, _ weights: Weights, first: Int) -> Float {
    let rstd = 1 / (weights[first + movingVariance][channel] + spec.epsilon).squareRoot()
    return gamma.map { weights[first + $0][channel] * rstd } ?? rstd
  }

  func mean(_ channel: Int, _ weights: Weights, first: Int) -> Float {
    weights[first + movingMean][channel]
  }

  func shift(_ channel: Int, _ weights: Weights, first: Int) -> Float {
    beta.map { weights[first + $0][channel] } ?? 0
  }

  // MARK: Passes

  // The running statistics in the form the loop wants: mean, then 1/√(variance + ε).
  var preparedCount: Int { 2 * channels }

  func prepare(_ weights: Weights, piece: Int, into prepared: UnsafeMutablePointer<Float>) {
    prepared.update(from: weights[movingMean], count: channels)
    for c in 0..<channels {
      prepared[channels + c] = 1 / (weights[movingVariance][c] + spec.epsilon).squareRoot()
    }
  }

  /// Rectifier and max pooling may come in either order: the larger of two numbers stays so.
  func absorbing(_ next: any Layer, training: Bool) -> (any Layer)? {
    var joined = self
    switch (next as? any FusibleLayer)?.fusible {
    case .rectification(let next) where !rectifier.rectifies: joined.rectifier = next
    case .maxPooling(let geometry) where pooling == nil:
      guard withUnsafePointer(to: geometry.window, { mc_batch_norm_can_pool($0) }) else {
        return nil
      }
      joined.pooling = geometry
    default: return nil
    }
    return joined
  }

  /// The form the C loops take, by the statistics of a pass.
  private func form(_ weights: Weights, _ mode: Mode) -> MCBatchNorm {
    let statistics: UnsafePointer<Float>
    switch mode {
    case .training: statistics = weights.shared
    case .inference: statistics = weights.prepared
    }
    return MCBatchNorm(
      channels: channels, mean: statistics, rstd: statistics + channels,
      gamma: gamma.map { weights[$0] }, beta: beta.map { weights[$0] },
      rectifier: rectifier.parameters)
  }

  // Where there is a pooling, what the sums of the backward pass are over: the inputs that are the largest of
  // their window.
  var cached: [CachedArray] {
    let scratch = CachedArray(scratch: 4 * channels)
    guard pooling != nil else { return [scratch] }
    return [
      scratch, CachedArray("largest", perSample: outputShape.count),
      CachedArray("argmax", .byte, perSample: outputShape.count),
    ]
  }

  // y = γ · (x − mean) / √(variance + ε) + β, then the rectifier, then the maximum of each window
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    withUnsafePointer(to: form(weights, mode)) { form in
      guard let pooling else {
        mc_batch_norm_forward(form, x.samples * positions, x.pointer, y.mutablePointer())
        return
      }
      withUnsafePointer(to: pooling.window) {
        mc_batch_norm_pool_forward(
          form, $0, x.samples, x.pointer, cache.isRead ? cache.floats(1) : nil,
          y.mutablePointer(), cache.isRead ? cache.bytes(2) : nil)
      }
    }
  }

  var rowStep: Int? { inputShape.rank == 3 && pooling == nil ? 1 : nil }

  func forward(
    rows: Range<Int>, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    weights: Weights, cache: Cache
  ) {
    let start = inputShape.start(ofRow: rows.lowerBound)
    withUnsafePointer(to: form(weights, .inference)) {
      mc_batch_norm_forward($0, inputShape.count(ofRows: rows) / channels, x + start, y + start)
    }
  }

  // dx = γ/√(variance + ε) · (dy − Σdy/M − x̂·Σ(dy·x̂)/M), the sums over all M positions of the
  // batch; dy is what rectifier and pooling let through
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    let form = form(weights, mode)
    guard case .training = mode else {
      // Running statistics do not depend on x: dx = dy · γ/√(variance + ε)
      let sums = cache.floats(0), zeros = sums + 2 * channels
      if let gradients {
        sum(dy, x: x, form, cache, into: sums)
        add(sums, to: gradients)
      }
      mc_fill(2 * channels, 0, zeros)
      return backward(dy, x: x, form, cache, total: 1, sums: zeros, into: &dx)
    }
    let shared = weights.shared
    backward(
      dy, x: x, form, cache, total: Int(shared[5 * channels]), sums: shared + 3 * channels,
      into: &dx)
  }

  private func backward(
    _ dy: Tensor, x: Tensor, _ form: MCBatchNorm, _ cache: Cache, total: Int,
    sums: UnsafePointer<Float>, into dx: inout Tensor?
  ) {
    guard let dx = dx?.mutablePointer() else { return }
    withUnsafePointer(to: form) { form in
      guard let pooling else {
        mc_batch_norm_backward(
          form, x.samples * positions, total, x.pointer, dy.pointer, sums, sums + channels, dx)
        return
      }
      withUnsafePointer(to: pooling.window) {
        mc_batch_norm_pool_backward(
          form, $0, x.samples, total, x.pointer, cache.floats(1), dy.pointer, cache.bytes(2),
          sums, sums + channels, dx)
      }
    }
  }

  // Σdy, Σdy·x̂
  private func sum(
    _ dy: Tensor, x: Tensor, _ form: MCBatchNorm, _ cache: Cache,
    into sums: UnsafeMutablePointer<Float>
  ) {
    let x = pooling == nil ? x.pointer : UnsafePointer(cache.floats(1))
    withUnsafePointer(to: form) {
      mc_batch_norm_backward_sums(
        $0, dy.count / channels, x, dy.pointer, sums, sums + channels)
    }
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
      // An infinite one would make every output the shift, and hide what is wrong.
      shared[channels + c] =
        variance.isFinite ? 1 / (variance + spec.epsilon).squareRoot() : .nan
      shared[2 * channels + c] = variance
    }
    shared[5 * channels] = Float(rows)
  }

  func summarizeGradient(
    _ dy: Tensor, x: Tensor, into summary: UnsafeMutablePointer<Float>,
    adding gradients: Gradients, weights: Weights, cache: Cache, mode: Mode
  ) {
    sum(dy, x: x, form(weights, mode), cache, into: summary)
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
