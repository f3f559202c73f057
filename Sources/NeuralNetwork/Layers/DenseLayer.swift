import CKernels

/// A dense layer whose shapes are known, and the batch normalization that inference fuses into it.
struct DenseLayer: GatheringLayer, DivisibleLayer {
  let inputShape: Shape
  let units: Int
  let bias: Bool
  let initializer: Initializer
  var normalization: FoldedNormalization?

  func absorbing(_ next: any Layer, training: Bool) -> (any Layer)? {
    guard !training, normalization == nil,
      case .normalization(let next) = (next as? any FusibleLayer)?.fusible
    else { return nil }
    var joined = self
    joined.normalization = FoldedNormalization(
      next, into: self, hasBias: bias, kernelCount: inputs * units)
    return joined
  }

  var inputs: Int { inputShape[0] }
  var outputShape: Shape { [units] }

  var variables: [Variable] {
    let kernel = Variable(
      "kernel", shape: [inputs, units], role: .weight, initializer: initializer)
    let bias = Variable("bias", shape: [units], role: .bias, initializer: .zeros)
    return (self.bias ? [kernel, bias] : [kernel]) + (normalization?.variables ?? [])
  }

  var multiplyAdds: Int { inputs * units }
  var preparedCount: Int {
    normalization?.preparedCount ?? mc_dense_prepared_count(inputs, units)
  }
  var preparedPieces: Int { gradientPieces }

  /// Blocks of 16 inputs.
  private var blocks: Int { (inputs + 15) / 16 }
  /// Enough work in each to be worth a thread's while.
  var gradientPieces: Int { min(blocks, max(1, inputs * units / 8192)) }
  private func blocks(ofPiece piece: Int) -> Range<Int> {
    piece * blocks / gradientPieces..<(piece + 1) * blocks / gradientPieces
  }
  private func inputs(ofPiece piece: Int) -> Range<Int> {
    let blocks = blocks(ofPiece: piece)
    return blocks.lowerBound * 16..<min(blocks.upperBound * 16, inputs)
  }

  func prepare(_ weights: Weights, piece: Int, into prepared: UnsafeMutablePointer<Float>) {
    let range = inputs(ofPiece: piece)
    let elements = range.lowerBound * units..<range.upperBound * units
    let kernel = normalization?.fold(elements, of: weights, into: prepared) ?? weights[0]
    mc_dense_prepare(inputs, units, range.lowerBound, range.upperBound, kernel, prepared)
  }

  private func bias(_ weights: Weights) -> UnsafePointer<Float>? {
    normalization?.bias(weights) ?? (bias ? weights[1] : nil)
  }

  var cached: [CachedArray] { [CachedArray(scratch: mc_dense_scratch_count(units))] }

  // y = x·kernel + bias
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    mc_dense_forward(
      x.samples, inputs, units, 0, outputBlocks, x.pointer, weights.prepared, bias(weights),
      y.mutablePointer())
  }

  private var outputBlocks: Int { (units + 15) / 16 }
  var outputPieces: Int {
    multiplyAdds < Self.leastWork ? 1 : min(outputBlocks, Self.mostPieces)
  }

  func forward(
    piece: Int, _ x: Tensor, into y: UnsafeMutablePointer<Float>, weights: Weights,
    cache: Cache
  ) {
    mc_dense_forward(
      1, inputs, units, piece * outputBlocks / outputPieces,
      (piece + 1) * outputBlocks / outputPieces, x.pointer, weights.prepared, bias(weights), y)
  }

  // dx = dy·kernelᵀ
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    if let dx = dx?.mutablePointer() {
      mc_dense_backward_input(
        x.samples, inputs, units, dy.pointer, weights[0], dx, cache.floats(0))
    }
  }

  func gatheredCount(batch: Int) -> Int {
    mc_dense_gathered_count(batch, inputs) + mc_dense_gathered_count(batch, units)
  }

  func gather(
    _ dy: Tensor, x: Tensor, first: Int, batch: Int, into gathered: UnsafeMutablePointer<Float>
  ) {
    mc_dense_gather(x.samples, inputs, first, batch, x.pointer, gathered)
    mc_dense_gather(
      x.samples, units, first, batch, dy.pointer,
      gathered + mc_dense_gathered_count(batch, inputs))
  }

  // dkernel = xᵀ·dy, dbias = Σ dy, both summed over the batch
  func gradient(
    piece: Int, batch: Int, of gathered: UnsafePointer<Float>, adds: Bool,
    into gradients: Gradients
  ) -> Double {
    let dy = gathered + mc_dense_gathered_count(batch, inputs)
    let blocks = blocks(ofPiece: piece), rows = inputs(ofPiece: piece)
    mc_dense_backward_kernel(
      batch, inputs, units, blocks.lowerBound, blocks.upperBound, adds, gathered, dy, gradients[0])
    let squares = mc_sum_of_squares(
      rows.count * units, gradients[0] + rows.lowerBound * units)
    guard bias, piece == 0 else { return squares }
    mc_dense_backward_bias(batch, units, adds, dy, gradients[1])
    return squares + mc_sum_of_squares(units, gradients[1])
  }
}
