import CKernels
import Testing

@Suite struct DenseTests {
  @Test(arguments: [
    (1, 1, 1), (2, 5, 3), (3, 17, 8), (8, 40, 12), (13, 19, 16), (16, 33, 50), (70, 9, 37),
    (0, 4, 4),
    (4, 0, 5), (4, 5, 0),
  ])
  func agreesWithTheFormula(batch: Int, inputs: Int, outputs: Int) {
    var numbers = Numbers(seed: 5)
    let x = numbers.array(batch * inputs), kernel = numbers.array(inputs * outputs)
    let bias = numbers.array(outputs), dy = numbers.array(batch * outputs)
    var y = [Double](repeating: 0, count: dy.count), dx = [Double](repeating: 0, count: x.count)
    var dkernel = [Double](repeating: 1, count: kernel.count)
    var dbias = [Double](repeating: 1, count: outputs)
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
    var prepared = [Float](repeating: .nan, count: mc_dense_prepared_count(inputs, outputs))
    var out = [Float](repeating: .nan, count: dy.count),
      back = [Float](repeating: .nan, count: x.count)
    var kernelSum = [Float](repeating: 1, count: kernel.count)
    var biasSum = [Float](repeating: 1, count: outputs)
    mc_dense_prepare(inputs, outputs, kernel, &prepared)
    mc_dense_forward(batch, inputs, outputs, x, prepared, bias, &out)
    mc_dense_backward_input(batch, inputs, outputs, dy, prepared, &back)
    mc_dense_backward_kernel(batch, inputs, outputs, x, dy, &kernelSum, &biasSum)
    expectClose(out, y, tolerance: 2e-6, "y")
    expectClose(back, dx, tolerance: 2e-6, "dx")
    expectClose(kernelSum, dkernel, tolerance: 2e-6, "dkernel")
    expectClose(biasSum, dbias, tolerance: 2e-6, "dbias")
  }
}
