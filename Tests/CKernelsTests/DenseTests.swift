import CKernels
import Testing

@Suite struct DenseTests {
  /// Sums of at most 150 products of numbers below 1 keep 2e-5.
  @Test(arguments: [(1, 1, 1), (8, 37, 10), (13, 16, 16), (3, 5, 33), (130, 7, 18)])
  func agreesWithItsDefinition(_ batch: Int, _ inputs: Int, _ outputs: Int) {
    let x = numbers(batch * inputs, seed: 1), dy = numbers(batch * outputs, seed: 2)
    let kernel = numbers(inputs * outputs, seed: 3), bias = numbers(outputs, seed: 4)
    var y = (0..<batch * outputs).map { Double(bias[$0 % outputs]) }
    var dx = [Double](repeating: 0, count: x.count)
    var dkernel = kernel.map(Double.init), dbias = bias.map(Double.init)
    for n in 0..<batch {
      for o in 0..<outputs {
        let gradient = Double(dy[n * outputs + o])
        dbias[o] += gradient
        for i in 0..<inputs {
          y[n * outputs + o] += Double(x[n * inputs + i]) * Double(kernel[i * outputs + o])
          dx[n * inputs + i] += gradient * Double(kernel[i * outputs + o])
          dkernel[i * outputs + o] += gradient * Double(x[n * inputs + i])
        }
      }
    }
    var prepared = unwritten(mc_dense_prepared_count(inputs, outputs))
    mc_dense_prepare(inputs, outputs, kernel, &prepared)
    var foundY = unwritten(y.count), foundDX = unwritten(dx.count)
    let guarded = [Float](repeating: guardValue, count: guardCount)
    var foundKernel = kernel + guarded, foundBias = bias + guarded
    mc_dense_forward(batch, inputs, outputs, x, prepared, bias, &foundY)
    mc_dense_backward_input(batch, inputs, outputs, dy, prepared, &foundDX)
    mc_dense_backward_kernel(batch, inputs, outputs, x, dy, &foundKernel, &foundBias)
    #expect(difference(foundY, y, tolerance: 2e-5) == nil)
    #expect(difference(foundDX, dx, tolerance: 2e-5) == nil)
    #expect(difference(foundKernel, dkernel, tolerance: 2e-5) == nil)
    #expect(difference(foundBias, dbias, tolerance: 2e-5) == nil)
  }
}
