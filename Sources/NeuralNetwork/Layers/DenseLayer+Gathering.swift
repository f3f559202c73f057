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

  private func panels(ofPieces pieces: Range<Int>) -> Range<Int> {
    panels(ofPiece: pieces.lowerBound)
      .lowerBound..<panels(ofPiece: pieces.upperBound - 1).upperBound
  }

  // Both x and dy lie sample after sample in panels as wide as a few registers.
  func forEachGathered(
    pieces: Range<Int>, samples: Range<Int>, batch: Int, _ body: (Range<Int>) -> Void
  ) {
    func pass(_ start: Int, width: Int) {
      body(start + samples.lowerBound * width..<start + samples.upperBound * width)
    }
    for number in panels(ofPieces: pieces) { pass(number * panel * batch, width: panel) }
    for block in 0..<outputBlocks { pass(inputCount(batch) + block * 16 * batch, width: 16) }
  }

  func forEachGradient(pieces: Range<Int>, _ body: (_ variable: Int, Range<Int>) -> Void) {
    let panels = panels(ofPieces: pieces)
    body(0, panels.lowerBound * panel * units..<min(panels.upperBound * panel, inputs) * units)
    if bias, pieces.contains(0) { body(1, 0..<units) }
  }
}
