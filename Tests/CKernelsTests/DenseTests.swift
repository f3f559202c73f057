import CKernels
import Testing

@Suite struct DenseTests {
  // Batches around the blocks of 8 and 16 images, inputs beyond a panel of 128, outputs that fill no
  // block.
  static let sizes = [
    (1, 1, 1), (1, 300, 70), (2, 5, 3), (3, 17, 8), (8, 40, 12), (13, 19, 16), (16, 33, 50),
    (16, 300, 24), (17, 129, 10), (25, 257, 9), (70, 9, 37), (0, 4, 4), (4, 0, 5), (4, 5, 0),
  ]

  @Test(arguments: sizes) func agreesWithTheFormula(batch: Int, inputs: Int, outputs: Int) {
    let dense = DenseRun(batch: batch, inputs: inputs, outputs: outputs)
    let naive = dense.naive
    // Sums of at most 300 products of numbers below 1: several times the rounding of float.
    expectClose(dense.forward(blocksAtOnce: 1000), naive.y, tolerance: 2e-6, "y")
    expectClose(dense.inputGradient(), naive.dx, tolerance: 2e-6, "dx")
    var dkernel = [Float](repeating: .nan, count: inputs * outputs)
    var dbias = [Float](repeating: .nan, count: outputs)
    dense.gradients(adds: false, blocksAtOnce: 2, &dkernel, &dbias)
    expectClose(dkernel, naive.dkernel, tolerance: 2e-6, "dkernel")
    expectClose(dbias, naive.dbias, tolerance: 2e-6, "dbias")
    dense.gradients(adds: true, blocksAtOnce: 1, &dkernel, &dbias)
    expectClose(dkernel, naive.dkernel.map { 2 * $0 }, tolerance: 2e-6, "dkernel twice")
    expectClose(dbias, naive.dbias.map { 2 * $0 }, tolerance: 2e-6, "dbias twice")
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
private struct DenseRun {
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

  /// The formulas in double precision.
  var naive: (y: [Double], dx: [Double], dkernel: [Double], dbias: [Double]) {
    var y = [Double](repeating: 0, count: dy.count), dx = [Double](repeating: 0, count: x.count)
    var dkernel = [Double](repeating: 0, count: kernel.count)
    var dbias = [Double](repeating: 0, count: outputs)
    for n in 0..<batch {
      for o in 0..<outputs {
        let gradient = Double(dy[n * outputs + o])
        y[n * outputs + o] += Double(bias[o])
        dbias[o] += gradient
        for c in 0..<inputs {
          let weight = Double(kernel[c * outputs + o]), value = Double(x[n * inputs + c])
          y[n * outputs + o] += value * weight
          dx[n * inputs + c] += gradient * weight
          dkernel[c * outputs + o] += value * gradient
        }
      }
    }
    return (y, dx, dkernel, dbias)
  }
}
