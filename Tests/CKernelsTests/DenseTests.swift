import CKernels
import Testing

@Suite struct DenseTests {
  // Batches around the blocks of 8 and 16 images, inputs beyond a panel of 128, outputs that fill no
  // block.
  static let sizes = [
    (1, 1, 1), (1, 300, 70), (2, 5, 3), (3, 17, 8), (8, 40, 12), (13, 19, 16), (16, 33, 50),
    (16, 300, 24), (17, 129, 10), (25, 257, 9), (70, 9, 37), (0, 4, 4), (4, 0, 5), (4, 5, 0),
  ]

  @Test(arguments: sizes) func agreesWithThePlainLoops(batch: Int, inputs: Int, outputs: Int) {
    let dense = DenseRun(batch: batch, inputs: inputs, outputs: outputs)
    let plain = dense.plain
    // Sums of at most 300 products of numbers below 1: several times the rounding of float.
    expectClose(dense.forward(blocksAtOnce: 1000), plain.y, tolerance: 2e-6, "y")
    expectClose(dense.inputGradient(), plain.dx, tolerance: 2e-6, "dx")
    var dkernel = [Float](repeating: .nan, count: inputs * outputs)
    var dbias = [Float](repeating: .nan, count: outputs)
    dense.gradients(adds: false, blocksAtOnce: 2, &dkernel, &dbias)
    expectClose(dkernel, plain.dkernel, tolerance: 2e-6, "dkernel")
    expectClose(dbias, plain.dbias, tolerance: 2e-6, "dbias")
    dense.gradients(adds: true, blocksAtOnce: 1, &dkernel, &dbias)
    expectClose(dkernel, plain.dkernel.map { 2 * $0 }, tolerance: 2e-6, "dkernel twice")
    expectClose(dbias, plain.dbias.map { 2 * $0 }, tolerance: 2e-6, "dbias twice")
  }

  @Test(arguments: sizes.filter { $0.0 > 0 })
  func aRowDependsNeitherOnItsBatchNorOnTheBlocks(batch: Int, inputs: Int, outputs: Int) {
    let dense = DenseRun(batch: batch, inputs: inputs, outputs: outputs)
    let all = dense.forward(blocksAtOnce: 1000)
    #expect(dense.forward(blocksAtOnce: 1) == all)
    var last = dense
    last.batch = 1
    last.x = Array(dense.x.suffix(inputs))
    last.dy = Array(dense.dy.suffix(outputs))
    #expect(last.forward(blocksAtOnce: 3) == Array(all.suffix(outputs)))
  }
}

/// The passes that skip zeros.
@Suite struct SparseDenseTests {
  // Inputs around a panel of 64, outputs around a group of 128 columns, that fill no vector, and that
  // are a vector more than fits the registers.
  static let sizes = [
    (1, 1, 1), (1, 300, 70), (2, 5, 3), (3, 7, 17), (5, 64, 128), (8, 40, 12), (9, 120, 84),
    (16, 33, 50), (16, 300, 24), (17, 129, 10), (25, 257, 33), (26, 400, 120), (33, 140, 200),
    (40, 65, 129), (0, 4, 20), (4, 0, 20), (4, 5, 0),
  ]
  // How many numbers of x are not 0; of dy the others.
  static let shares: [Float] = [0, 0.3, 0.6, 1]

  @Test(arguments: sizes, shares)
  func agreesWithThePlainLoops(size: (Int, Int, Int), share: Float) {
    let dense = DenseRun(
      batch: size.0, inputs: size.1, outputs: size.2, ofX: share, ofGradient: 1 - share)
    let plain = dense.plain
    if dense.outputs >= 16 {
      let y = dense.sparseForward(blocksAtOnce: 1000)
      expectClose(y, plain.y, tolerance: 2e-6, "y")
      // What is skipped would have added nothing.
      #expect(y == dense.forward(blocksAtOnce: 1000))
      #expect(y == dense.sparseForward(blocksAtOnce: 1))
    }
    expectClose(dense.inputGradient(), plain.dx, tolerance: 2e-6, "dx")
    var dkernel = [Float](repeating: .nan, count: dense.inputs * dense.outputs)
    dense.sparseGradient(adds: false, panelsAtOnce: 2, &dkernel)
    expectClose(dkernel, plain.dkernel, tolerance: 2e-6, "dkernel")
    dense.sparseGradient(adds: true, panelsAtOnce: 1, &dkernel)
    expectClose(dkernel, plain.dkernel.map { 2 * $0 }, tolerance: 4e-6, "dkernel twice")
  }

  @Test(arguments: sizes.filter { $0.0 > 0 })
  func aRowDoesNotDependOnItsBatch(batch: Int, inputs: Int, outputs: Int) {
    let dense = DenseRun(
      batch: batch, inputs: inputs, outputs: outputs, ofX: 0.5, ofGradient: 0.5)
    var last = dense
    last.batch = 1
    last.x = Array(dense.x.suffix(inputs))
    last.dy = Array(dense.dy.suffix(outputs))
    #expect(last.inputGradient() == Array(dense.inputGradient().suffix(inputs)))
    guard outputs >= 16 else { return }
    #expect(
      last.sparseForward(blocksAtOnce: 3)
        == Array(dense.sparseForward(blocksAtOnce: 1000).suffix(outputs)))
  }

  @Test func whatIsNotFiniteIsNotSkipped() {
    var dense = DenseRun(batch: 3, inputs: 70, outputs: 20, ofX: 0, ofGradient: 0)
    dense.x[70 + 69] = .nan
    dense.dy[2 * 20 + 19] = .infinity
    let y = dense.sparseForward(blocksAtOnce: 1), dx = dense.inputGradient()
    #expect(y[20..<40].allSatisfy(\.isNaN) && y[..<20].allSatisfy(\.isFinite))
    #expect(dx[140...].allSatisfy { !$0.isFinite } && dx[..<140].allSatisfy(\.isFinite))
    var dkernel = [Float](repeating: 0, count: 70 * 20)
    dense.sparseGradient(adds: false, panelsAtOnce: 1, &dkernel)
    #expect(dkernel[19].isNaN && dkernel[18] == 0)
  }
}

/// A dense layer with random numbers.
struct DenseRun {
  var batch: Int
  let inputs: Int, outputs: Int
  var x: [Float], dy: [Float]
  let kernel: [Float], bias: [Float]

  /// - Parameters:
  ///   - shareOfX: how many numbers of x are not 0.
  ///   - shareOfGradient: how many of dy are not.
  init(
    batch: Int, inputs: Int, outputs: Int, ofX shareOfX: Float = 1,
    ofGradient shareOfGradient: Float = 1
  ) {
    var numbers = Numbers(seed: 5)
    self.batch = batch
    self.inputs = inputs
    self.outputs = outputs
    x = numbers.array(batch * inputs)
    kernel = numbers.array(inputs * outputs)
    bias = numbers.array(outputs)
    dy = numbers.array(batch * outputs)
    // Numbers are between -1 and 1.
    for (i, chance) in numbers.array(x.count).enumerated() where abs(chance) >= shareOfX {
      x[i] = chance < 0 ? -0.0 : 0
    }
    for (i, chance) in numbers.array(dy.count).enumerated() where abs(chance) >= shareOfGradient {
      dy[i] = chance < 0 ? -0.0 : 0
    }
  }

  func forward(blocksAtOnce: Int) -> [Float] {
    var prepared = [Float](repeating: .nan, count: mc_dense_prepared_count(inputs, outputs))
    mc_dense_prepare(inputs, outputs, inputs / 2, inputs, kernel, &prepared)
    mc_dense_prepare(inputs, outputs, 0, inputs / 2, kernel, &prepared)
    var y = [Float](repeating: .nan, count: dy.count)
    let blocks = (outputs + 15) / 16
    for first in stride(from: 0, to: blocks, by: blocksAtOnce) {
      mc_dense_forward(
        batch, inputs, outputs, first, min(first + blocksAtOnce, blocks), x, prepared, bias, &y)
    }
    return y
  }

  func sparseForward(blocksAtOnce: Int) -> [Float] {
    var y = [Float](repeating: .nan, count: dy.count)
    let blocks = (outputs + 15) / 16
    for first in stride(from: 0, to: blocks, by: blocksAtOnce) {
      mc_dense_forward_sparse(
        batch, inputs, outputs, first, min(first + blocksAtOnce, blocks), x, kernel, bias, &y)
    }
    return y
  }

  func inputGradient() -> [Float] {
    var dx = [Float](repeating: .nan, count: x.count)
    let blocks = (inputs + 15) / 16
    var transposed = [Float](
      repeating: .nan, count: mc_dense_transposed_count(inputs, outputs))
    mc_dense_transpose(inputs, outputs, blocks / 2, blocks, kernel, &transposed)
    mc_dense_transpose(inputs, outputs, 0, blocks / 2, kernel, &transposed)
    var scratch = [Float](repeating: .nan, count: mc_dense_scratch_count(outputs))
    mc_dense_backward_input(batch, inputs, outputs, dy, transposed, &dx, &scratch)
    return dx
  }

  func sparseGradient(adds: Bool, panelsAtOnce: Int, _ dkernel: inout [Float]) {
    var xs = [Float](repeating: .nan, count: mc_dense_gathered_panels_count(batch, inputs))
    var dys = [Float](repeating: .nan, count: mc_dense_gathered_count(batch, outputs))
    var lists = [Float](repeating: .nan, count: mc_dense_lists_count(batch, outputs))
    let part = batch / 3
    for (first, count) in [(part, batch - part), (0, part)] {
      mc_dense_gather_panels(
        count, inputs, first, batch, Array(x[(first * inputs)...]), &xs)
      mc_dense_gather(count, outputs, first, batch, Array(dy[(first * outputs)...]), &dys)
    }
    for block in 0..<(outputs + 15) / 16 {
      mc_dense_list(batch, outputs, block, block + 1, dys, &lists)
    }
    let panel = Int(MC_DENSE_PANEL), panels = (inputs + panel - 1) / panel
    for first in stride(from: 0, to: panels, by: panelsAtOnce) {
      mc_dense_backward_kernel_sparse(
        batch, inputs, outputs, first, min(first + panelsAtOnce, panels), adds, xs, dys, lists,
        &dkernel)
    }
  }

  func gradients(adds: Bool, blocksAtOnce: Int, _ dkernel: inout [Float], _ dbias: inout [Float]) {
    var xs = [Float](repeating: .nan, count: mc_dense_gathered_count(batch, inputs))
    var dys = [Float](repeating: .nan, count: mc_dense_gathered_count(batch, outputs))
    let part = batch / 3
    for (first, count) in [(part, batch - part), (0, part)] {
      mc_dense_gather(count, inputs, first, batch, Array(x[(first * inputs)...]), &xs)
      mc_dense_gather(count, outputs, first, batch, Array(dy[(first * outputs)...]), &dys)
    }
    let blocks = (inputs + 15) / 16
    for first in stride(from: 0, to: blocks, by: blocksAtOnce) {
      mc_dense_backward_kernel(
        batch, inputs, outputs, first, min(first + blocksAtOnce, blocks), adds, xs, dys, &dkernel)
    }
    mc_dense_backward_bias(batch, outputs, adds, dys, &dbias)
  }

  /// What the plain loops make of the same numbers.
  var plain: (y: [Float], dx: [Float], dkernel: [Float], dbias: [Float]) {
    var y = [Float](repeating: .nan, count: dy.count), dx = [Float](repeating: .nan, count: x.count)
    var dkernel = [Float](repeating: .nan, count: kernel.count)
    var dbias = [Float](repeating: .nan, count: outputs)
    var nothing: Float = 0
    mc_dense_forward_plain(batch, inputs, outputs, 0, (outputs + 15) / 16, x, kernel, bias, &y)
    mc_dense_backward_input_plain(batch, inputs, outputs, dy, kernel, &dx, &nothing)
    mc_dense_backward_kernel_plain(
      batch, inputs, outputs, 0, (inputs + 15) / 16, false, x, dy, &dkernel)
    mc_dense_backward_bias_plain(batch, outputs, false, dy, &dbias)
    return (y, dx, dkernel, dbias)
  }
}
