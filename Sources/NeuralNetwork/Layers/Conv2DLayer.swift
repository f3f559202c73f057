import CKernels

/// A convolution whose shapes are known, and the batch normalization, rectifier and max pooling
/// that a pass fuses into it (``Graph/fused(for:)``).
struct Conv2DLayer: RowwiseLayer {
  let geometry: WindowGeometry
  let inputShape: Shape
  let kernel: Shape
  let bias: Bool
  let initializer: Initializer
  var normalization: FoldedNormalization?
  var rectifier = Rectifier.none
  var pooling: WindowGeometry?

  var outputShape: Shape { (pooling ?? geometry).outputShape }
  var reach: Reach { geometry.reach }
  var sparsity: Sparsity { rectifier.leavesZeros ? .output : .none }

  // A shape is an array, which a step of training must not make.
  private var rows: Int { Int((pooling ?? geometry).window.outHeight) }

  /// The form the C loops take.
  var convolution: MCConvolution {
    MCConvolution(
      window: geometry.window, rectifier: rectifier.parameters, pooled: pooling != nil,
      pool: pooling?.window ?? MCWindow())
  }

  /// Rectifier and max pooling may come in either order: the larger of two numbers stays so.
  func absorbing(_ next: any Layer, training: Bool) -> (any Layer)? {
    var joined = self
    switch (next as? any FusibleLayer)?.fusible {
    case .normalization(let next)
    where !training && normalization == nil && !rectifier.rectifies && pooling == nil:
      joined.normalization = FoldedNormalization(
        next, into: self, hasBias: bias, kernelCount: kernel.count)
    case .rectification(let next) where !rectifier.rectifies: joined.rectifier = next
    case .maxPooling(let geometry) where pooling == nil: joined.pooling = geometry
    default: return nil
    }
    precondition(next.inputShape == outputShape)
    let own = withUnsafePointer(to: joined.convolution) { mc_conv2d_prepared_count($0) }
    joined.normalization?.move(behind: own)
    let fits =
      joined.pooling == nil
      || withUnsafePointer(to: joined.convolution) { mc_conv2d_can_pool($0) }
    return fits ? joined : nil
  }

  var variables: [Variable] {
    let kernel = Variable("kernel", shape: kernel, role: .weight, initializer: initializer)
    let bias = Variable("bias", shape: [kernel.shape[3]], role: .bias, initializer: .zeros)
    return (self.bias ? [kernel, bias] : [kernel]) + (normalization?.variables ?? [])
  }

  var multiplyAdds: Int {
    geometry.outputShape[0] * geometry.outputShape[1] * kernel.count
  }

  var preparedCount: Int {
    normalization?.preparedCount
      ?? withUnsafePointer(to: convolution) { mc_conv2d_prepared_count($0) }
  }

  func prepare(_ weights: Weights, piece: Int, into prepared: UnsafeMutablePointer<Float>) {
    let kernel =
      normalization?.fold(0..<kernel.count, of: weights, into: prepared) ?? weights[0]
    withUnsafePointer(to: convolution) { mc_conv2d_prepare($0, kernel, prepared) }
  }

  private func bias(_ weights: Weights) -> UnsafePointer<Float>? {
    normalization?.bias(weights) ?? (bias ? weights[1] : nil)
  }

  var cached: [CachedArray] {
    let scratch = withUnsafePointer(to: convolution) { mc_conv2d_scratch_count($0) }
    let argmax = CachedArray("argmax", .byte, perSample: outputShape.count)
    return [CachedArray(scratch: scratch)] + (pooling == nil ? [] : [argmax])
  }

  private func argmax(_ cache: Cache) -> UnsafeMutablePointer<UInt8>? {
    pooling == nil || !cache.isRead ? nil : cache.bytes(1)
  }

  // y[n,p,q,o] = bias[o] + Σ over r,s,c of x[n, p·stride+r·dilation−pad, …, c] · kernel[r,s,c,o]
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    withUnsafePointer(to: convolution) {
      mc_conv2d_forward(
        $0, x.samples, 0, rows, x.pointer, weights.prepared, bias(weights),
        y.mutablePointer(), argmax(cache), cache.floats(0))
    }
  }

  var rowStep: Int? { withUnsafePointer(to: convolution) { mc_conv2d_row_step($0) } }

  func inputRows(of rows: Range<Int>) -> Range<Int> {
    var outputs = pooling?.inputRows(of: rows) ?? rows
    // What is computed with whole tiles is read with them.
    let tile = withUnsafePointer(to: convolution) { mc_conv2d_tile_rows($0) }
    let end = min((outputs.upperBound + tile - 1) / tile * tile, geometry.outputShape[0])
    outputs = outputs.lowerBound / tile * tile..<end
    return geometry.inputRows(of: outputs)
  }

  func forward(
    rows: Range<Int>, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    weights: Weights, cache: Cache
  ) {
    withUnsafePointer(to: convolution) {
      mc_conv2d_forward(
        $0, 1, rows.lowerBound, rows.upperBound, x, weights.prepared, bias(weights), y, nil,
        cache.floats(0))
    }
  }

  // dkernel[r,s,c,o] += Σ over n,p,q of x[n, …, c] · dy[n,p,q,o];  dbias[o] += Σ dy[n,p,q,o];
  // dx is dy spread back through the same kernel. A rectifier masks dy first; after a pooling there
  // is one dy per window, and it belongs to the position of the maximum.
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    withUnsafePointer(to: convolution) {
      mc_conv2d_backward(
        $0, x.samples, x.pointer, y.pointer, dy.pointer, argmax(cache), weights.prepared,
        gradients?[0], bias ? gradients?[1] : nil, dx?.mutablePointer(), cache.floats(0))
    }
  }
}
