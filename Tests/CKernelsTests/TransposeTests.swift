import CKernels
import Testing

/// The transposed convolution against its formula: the gradient of a convolution's input, forwards.
@Suite struct TransposeTests {
  static let cases: [ConvolutionCase] = [
    ConvolutionCase.direct, ConvolutionCase.singleChannel, ConvolutionCase.winograd,
    ConvolutionCase.winogradLarge,
    ConvolutionCase.taps.filter { !$0.rectifier.rectifies }, ConvolutionCase.winogradGroups,
    ConvolutionCase.grouped, ConvolutionCase.mixedGroups,
  ].flatMap { $0 }

  @Test(arguments: cases, [false, true])
  func agreesWithTheFormula(_ test: ConvolutionCase, withBias: Bool) {
    let data = ConvolutionRun(test)
    // What the convolution reads is written here, and the other way round.
    let x = data.dy, dy = data.x
    var numbers = Numbers(seed: 3)
    let bias = numbers.array(test.inputs)
    let plain = PlainConvolution(
      test.convolution.window, batch: test.batch, x: dy, kernel: data.kernel,
      bias: data.bias.map { _ in 0 }, dy: x)
    var c = test.convolution
    var prepared = [Float](repeating: .nan, count: mc_conv2d_prepared_count(&c))
    var scratch = [Float](repeating: .nan, count: mc_conv2d_transpose_scratch_count(&c))
    mc_conv2d_prepare(&c, data.kernel, &prepared)
    var y = [Float](repeating: .nan, count: dy.count)
    mc_conv2d_transpose_forward(
      &c, test.batch, x, prepared, withBias ? bias : nil, &y, &scratch)
    let expected = plain.dx.enumerated().map {
      $1 + (withBias ? Double(bias[$0 % test.inputs]) : 0)
    }
    expectClose(y, expected, tolerance: 3e-6, "y")

    for i in scratch.indices { scratch[i] = .nan }
    var dkernel = data.dkernel, dbias = [Float](repeating: 1, count: test.inputs)
    var dx = [Float](repeating: .nan, count: x.count)
    mc_conv2d_transpose_backward(
      &c, test.batch, x, dy, prepared, &dkernel, &dbias, &dx, &scratch)
    expectClose(dx, plain.y, tolerance: 3e-6, "dx")
    expectClose(dkernel, plain.dkernel.map { $0 + 1 }, tolerance: 3e-6, "dkernel")
    var sums = [Double](repeating: 1, count: test.inputs)
    for (i, gradient) in dy.enumerated() { sums[i % test.inputs] += Double(gradient) }
    expectClose(dbias, sums, tolerance: 3e-6, "dbias")

    // The same without what is not asked for.
    var again = data.dkernel
    mc_conv2d_transpose_backward(&c, test.batch, x, dy, prepared, &again, nil, nil, &scratch)
    let same = again == dkernel
    #expect(same, "dkernel alone")
  }
}
