import CKernels

/// A dense layer whose shapes are known, and the batch normalization that inference fuses into it.
struct DenseLayer: DivisibleLayer, ZeroSkippingLayer {
  let inputShape: Shape
  let units: Int
  let bias: Bool
  let initializer: Initializer
  /// What a pass says of the layers around it.
  var surroundings = Surroundings()
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

  func skippingZeros(_ surroundings: Surroundings) -> any Layer {
    var layer = self
    layer.surroundings = surroundings
    return layer
  }

  /// A kernel that leaves the second cache no room is worth a list of what to read of it; the register
  /// blocks go through a smaller one faster than that.
  private static let leastSkipped = 1 << 16
  private var skipsInput: Bool {
    surroundings.hasSparseInput && units >= 16 && inputs * units >= Self.leastSkipped
  }

  // The kernel packed for the forward pass, which takes it as it is where it skips zeros, and
  // transposed for the gradient of the input.
  private var packedCount: Int { skipsInput ? 0 : mc_dense_prepared_count(inputs, units) }
  var preparedCount: Int {
    // A normalization is folded where there is no gradient.
    normalization?.preparedCount ?? packedCount
      + (surroundings.needsInputGradient ? mc_dense_transposed_count(inputs, units) : 0)
  }
  var preparedPieces: Int { min(blocks, max(1, inputs * units / 8192)) }

  /// Blocks of 16 inputs.
  private var blocks: Int { (inputs + 15) / 16 }

  func prepare(_ weights: Weights, piece: Int, into prepared: UnsafeMutablePointer<Float>) {
    let range = piece * blocks / preparedPieces..<(piece + 1) * blocks / preparedPieces
    let inputs = range.lowerBound * 16..<min(range.upperBound * 16, inputs)
    let elements = inputs.lowerBound * units..<inputs.upperBound * units
    let kernel = normalization?.fold(elements, of: weights, into: prepared) ?? weights[0]
    if !skipsInput {
      mc_dense_prepare(
        self.inputs, units, inputs.lowerBound, inputs.upperBound, kernel, prepared)
    }
    if surroundings.needsInputGradient {
      mc_dense_transpose(
        self.inputs, units, range.lowerBound, range.upperBound, weights[0], prepared + packedCount)
    }
  }

  var cached: [CachedArray] { [CachedArray(scratch: mc_dense_scratch_count(units))] }

  // y = x·kernel + bias
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    forward(x, blocks: 0..<outputBlocks, into: y.mutablePointer(), weights)
  }

  private func forward(
    _ x: Tensor, blocks: Range<Int>, into y: UnsafeMutablePointer<Float>, _ weights: Weights
  ) {
    let (first, end) = (blocks.lowerBound, blocks.upperBound)
    let bias = normalization?.bias(weights) ?? (bias ? weights[1] : nil)
    if skipsInput {
      let kernel = normalization?.kernel(weights) ?? weights[0]
      mc_dense_forward_sparse(
        x.samples, inputs, units, first, end, x.pointer, kernel, bias, y)
    } else {
      mc_dense_forward(
        x.samples, inputs, units, first, end, x.pointer, weights.prepared, bias, y)
    }
  }

  var outputBlocks: Int { (units + 15) / 16 }
  var outputPieces: Int { outputBlocks }

  func forward(
    piece: Int, of pieces: Int, _ x: Tensor, into y: UnsafeMutablePointer<Float>,
    weights: Weights, cache: Cache
  ) {
    let first = piece * outputBlocks / pieces
    forward(x, blocks: first..<(piece + 1) * outputBlocks / pieces, into: y, weights)
  }

  // dx = dy·kernelᵀ
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    if let dx = dx?.mutablePointer() {
      mc_dense_backward_input(
        x.samples, inputs, units, dy.pointer, weights.prepared + packedCount, dx,
        cache.floats(0))
    }
  }
}
