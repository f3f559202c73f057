import CKernels

extension DenseLayer: GatheringLayer {
  /// Where dy is often 0, the samples that count are listed for each output, which takes a meeting of
  /// the threads: worth it for a kernel that takes longer.
  private static let leastListed = 1 << 15
  private var skipsGradient: Bool {
    surroundings.hasSparseGradient && inputs * units >= Self.leastListed
  }

  /// Inputs that are worked on together.
  private var panel: Int { skipsGradient ? Int(MC_DENSE_PANEL) : 16 }
  private var panels: Int { (inputs + panel - 1) / panel }
  private func panels(ofPiece piece: Int) -> Range<Int> {
    piece * panels / gradientPieces..<(piece + 1) * panels / gradientPieces
  }

  /// Enough work in each to be worth a thread's while.
  var gradientPieces: Int { min(panels, max(1, inputs * units / 8192)) }
  var listPieces: Int { skipsGradient ? outputBlocks : 0 }

  // x, dy and, where zeros are skipped, the lists.
  private func inputCount(_ batch: Int) -> Int {
    skipsGradient
      ? mc_dense_gathered_panels_count(batch, inputs) : mc_dense_gathered_count(batch, inputs)
  }
  private func listStart(_ batch: Int) -> Int {
    inputCount(batch) + mc_dense_gathered_count(batch, units)
  }
  func gatheredCount(batch: Int) -> Int {
    listStart(batch) + (skipsGradient ? mc_dense_lists_count(batch, units) : 0)
  }

  func gather(
    _ dy: Tensor, x: Tensor, first: Int, batch: Int, into gathered: UnsafeMutablePointer<Float>
  ) {
    if skipsGradient {
      mc_dense_gather_panels(x.samples, inputs, first, batch, x.pointer, gathered)
    } else {
      mc_dense_gather(x.samples, inputs, first, batch, x.pointer, gathered)
    }
    mc_dense_gather(x.samples, units, first, batch, dy.pointer, gathered + inputCount(batch))
  }

  func list(piece: Int, batch: Int, in gathered: UnsafeMutablePointer<Float>) {
    mc_dense_list(
      batch, units, piece, piece + 1, gathered + inputCount(batch), gathered + listStart(batch))
  }

  // dkernel = xᵀ·dy, dbias = Σ dy, both summed over the batch
  func gradient(
    piece: Int, batch: Int, of gathered: UnsafePointer<Float>, adds: Bool,
    into gradients: Gradients
  ) -> Double {
    let dy = gathered + inputCount(batch), panels = panels(ofPiece: piece)
    let (first, end) = (panels.lowerBound, panels.upperBound)
    if skipsGradient {
      mc_dense_backward_kernel_sparse(
        batch, inputs, units, first, end, adds, gathered, dy, gathered + listStart(batch),
        gradients[0])
    } else {
      mc_dense_backward_kernel(batch, inputs, units, first, end, adds, gathered, dy, gradients[0])
    }
    let rows = first * panel..<min(end * panel, inputs)
    let squares = mc_sum_of_squares(
      rows.count * units, gradients[0] + rows.lowerBound * units)
    guard bias, piece == 0 else { return squares }
    mc_dense_backward_bias(batch, units, adds, dy, gradients[1])
    return squares + mc_sum_of_squares(units, gradients[1])
  }
}
