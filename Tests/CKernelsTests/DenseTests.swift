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

/// A dense layer with random numbers.
struct DenseRun {
  var batch: Int
  let inputs: Int, outputs: Int
  var x: [Float], dy: [Float]
  let kernel: [Float], bias: [Float]

  init(batch: Int, inputs: Int, outputs: Int) {
    var numbers = Numbers(seed: 5)
    self.batch = batch
    self.inputs = inputs
    self.outputs = outputs
    x = numbers.array(batch * inputs)
    kernel = numbers.array(inputs * outputs)
    bias = numbers.array(outputs)
    dy = numbers.array(batch * outputs)
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

  func inputGradient() -> [Float] {
    var dx = [Float](repeating: .nan, count: x.count)
    var scratch = [Float](repeating: .nan, count: mc_dense_scratch_count(outputs))
    mc_dense_backward_input(batch, inputs, outputs, dy, kernel, &dx, &scratch)
    return dx
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
