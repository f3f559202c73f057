import CKernels

/// What the loops under test make of a case, in arrays that held NaN before, or 1 where they add.
struct ConvolutionRun {
  let test: ConvolutionCase
  let x: [Float], kernel: [Float], bias: [Float], dy: [Float]
  var y: [Float], argmax: [UInt8], dx: [Float], dkernel: [Float], dbias: [Float]

  init(_ test: ConvolutionCase, seed: UInt64 = 7) {
    self.test = test
    var numbers = Numbers(seed: seed)
    x = numbers.array(test.batch * test.height * test.width * test.inputs)
    dy = numbers.array(test.batch * test.output.rows * test.output.columns * test.outputs)
    let places = test.kernel.0 * test.kernel.1
    kernel = numbers.array(places * test.inputs / test.groups * test.outputs)
    bias = numbers.array(test.outputs)
    y = Array(repeating: .nan, count: dy.count)
    argmax = Array(repeating: 255, count: dy.count)
    dx = Array(repeating: .nan, count: x.count)
    dkernel = Array(repeating: 1, count: kernel.count)
    dbias = Array(repeating: 1, count: bias.count)
  }

  var expected: NaiveFusedConvolution {
    NaiveFusedConvolution(test, x: x, kernel: kernel, bias: bias, dy: dy)
  }

  /// Runs forwards, in pieces of so many rows, and backwards.
  mutating func run(rows: Int? = nil, bias: [Float]? = nil) {
    var c = test.convolution
    var prepared = [Float](repeating: .nan, count: mc_conv2d_prepared_count(&c))
    var scratch = [Float](repeating: .nan, count: mc_conv2d_scratch_count(&c))
    mc_conv2d_prepare(&c, kernel, &prepared)
    let step = max(1, rows ?? test.output.rows)
    for first in stride(from: 0, to: test.output.rows, by: step) {
      mc_conv2d_forward(
        &c, test.batch, first, min(first + step, test.output.rows), x, prepared, bias, &y,
        &argmax, &scratch)
    }
    for i in scratch.indices { scratch[i] = .nan }
    mc_conv2d_backward(
      &c, test.batch, x, y, dy, argmax, prepared, &dkernel, &dbias, &dx, &scratch)
  }
}
