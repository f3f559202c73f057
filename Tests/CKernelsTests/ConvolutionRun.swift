import CKernels

/// What the loops under test make of a case, in arrays that held NaN before, or 1 where they add.
struct ConvolutionRun {
  let test: ConvolutionCase
  let x: [Float], kernel: [Float], bias: [Float], dy: [Float]
  var y: [Float], argmax: [UInt8], dx: [Float], dkernel: [Float], dbias: [Float]

  /// Random numbers where none are given.
  init(
    _ test: ConvolutionCase, x: [Float]? = nil, kernel: [Float]? = nil, dy: [Float]? = nil,
    seed: UInt64 = 7
  ) {
    self.test = test
    var numbers = Numbers(seed: seed)
    let images = numbers.array(test.batch * test.height * test.width * test.inputs)
    let gradients = numbers.array(
      test.batch * test.output.rows * test.output.columns * test.outputs)
    let weights = numbers.array(
      test.kernel.0 * test.kernel.1 * test.inputs / test.groups * test.outputs)
    self.x = x ?? images
    self.dy = dy ?? gradients
    self.kernel = kernel ?? weights
    bias = numbers.array(test.outputs)
    y = Array(repeating: .nan, count: self.dy.count)
    argmax = Array(repeating: 255, count: self.dy.count)
    dx = Array(repeating: .nan, count: self.x.count)
    dkernel = Array(repeating: 1, count: self.kernel.count)
    dbias = Array(repeating: 1, count: bias.count)
  }

  /// What the plain loops make of the same numbers.
  func plain(bias: [Float]? = nil) -> ConvolutionRun {
    var c = test.convolution
    var result = self
    result.dkernel = Array(repeating: 1, count: kernel.count)
    result.dbias = Array(repeating: 1, count: self.bias.count)
    var nothing: Float = 0
    mc_conv2d_forward_plain(
      &c, test.batch, 0, test.output.rows, x, kernel, bias, &result.y, &result.argmax, &nothing)
    mc_conv2d_backward_plain(
      &c, test.batch, x, result.y, dy, result.argmax, kernel, &result.dkernel, &result.dbias,
      &result.dx, &nothing)
    return result
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
