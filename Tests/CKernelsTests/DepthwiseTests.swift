import CKernels
import Testing

@Suite struct DepthwiseTests {
  static func test(
    _ height: Int, _ width: Int, _ channels: Int, multiplier: Int = 1, kernel: (Int, Int) = (3, 3),
    stride: (Int, Int) = (1, 1), dilation: (Int, Int) = (1, 1),
    padding: (Int, Int, Int, Int) = (0, 0, 0, 0), batch: Int = 2
  ) -> ConvolutionCase {
    ConvolutionCase(
      height: height, width: width, inputs: channels, outputs: channels * multiplier,
      kernel: kernel, stride: stride, dilation: dilation, padding: padding, groups: channels,
      batch: batch)
  }

  // Rows longer and shorter than a block of outputs; channels that fill vectors and do not; strides with
  // and without a common divisor with the dilation; windows wholly in the padding; nothing at all.
  static let cases = [
    test(7, 6, 3), test(5, 30, 16, padding: (1, 1, 1, 1)), test(4, 29, 33, padding: (1, 1, 1, 1)),
    test(3, 5, 48, kernel: (1, 1)), test(6, 7, 16, kernel: (5, 5), padding: (2, 2, 2, 2)),
    test(2, 3, 16, kernel: (5, 7), padding: (2, 3, 2, 3)), test(9, 8, 17, kernel: (2, 4)),
    test(8, 9, 16, stride: (2, 2), padding: (0, 0, 1, 1)),
    test(9, 31, 16, stride: (1, 2), padding: (1, 1, 1, 1)), test(11, 10, 5, stride: (3, 2)),
    test(9, 11, 16, kernel: (2, 2), stride: (3, 4)),
    test(11, 10, 16, dilation: (2, 3), padding: (2, 3, 2, 3)),
    test(13, 14, 16, kernel: (4, 5), stride: (2, 4), dilation: (2, 2), padding: (3, 1, 2, 4)),
    test(13, 14, 7, kernel: (3, 4), stride: (2, 3), dilation: (3, 2), padding: (1, 2, 1, 2)),
    test(6, 5, 3, multiplier: 2, padding: (1, 1, 1, 1)), test(6, 5, 8, multiplier: 2),
    test(5, 4, 5, multiplier: 7, stride: (2, 2), padding: (1, 0, 1, 1)),
    test(2, 2, 16, kernel: (2, 2), stride: (2, 3), padding: (4, 5, 4, 5)),
    test(3, 40, 1), test(4, 4, 16, batch: 0),
    // The loops for 3x3 kernels: last vectors that overlap those before, strips of all widths,
    // borders on either side, on both and on none, columns that no window reaches, long rows,
    // windows beyond all rows.
    test(14, 14, 24, padding: (1, 1, 1, 1)), test(7, 7, 17, padding: (1, 1, 1, 1)),
    test(6, 5, 31, padding: (1, 1, 0, 1)), test(5, 1, 40, padding: (1, 1, 1, 1)),
    test(3, 20, 24), test(4, 2, 16, padding: (2, 2, 1, 0)), test(3, 300, 20, padding: (1, 1, 1, 1)),
    test(14, 14, 48, stride: (2, 2), padding: (0, 0, 1, 1)),
    test(7, 9, 24, stride: (2, 2), padding: (1, 1, 1, 1)), test(6, 6, 17, stride: (2, 2)),
    test(8, 21, 40, stride: (2, 2), padding: (3, 1, 1, 0)),
  ]

  struct Run {
    var y: [Float], dkernel: [Float], dbias: [Float], dx: [Float]

    init(
      _ test: ConvolutionCase, _ data: ConvolutionRun, rows: Int? = nil, withBias: Bool = true,
      rectifier: MCRectifier = MCRectifier()
    ) {
      var w = test.convolution.window, rectifier = rectifier
      var prepared = [Float](repeating: .nan, count: mc_depthwise_prepared_count(&w))
      var scratch = [Float](repeating: .nan, count: mc_depthwise_scratch_count(&w))
      (y, dx, dkernel, dbias) = (data.y, data.dx, data.dkernel, data.dbias)
      mc_depthwise_prepare(&w, data.kernel, &prepared)
      let all = test.output.rows
      for first in stride(from: 0, to: all, by: rows ?? max(all, 1)) {
        mc_depthwise_forward(
          &w, test.batch, first, min(first + (rows ?? all), all), data.x, prepared,
          withBias ? data.bias : nil, &rectifier, &y, &scratch)
      }
      for i in scratch.indices { scratch[i] = .nan }
      mc_depthwise_backward(
        &w, test.batch, data.x, data.dy, prepared, &dkernel, &dbias, &dx, &scratch)
    }
  }

  // Sums of at most some hundred products of numbers below 1.
  @Test(arguments: cases) func agreesWithTheFormula(_ test: ConvolutionCase) {
    let data = ConvolutionRun(test)
    let plain = PlainConvolution(
      test.convolution.window, batch: test.batch, x: data.x, kernel: data.kernel, bias: data.bias,
      dy: data.dy)
    let run = Run(test, data)
    expectClose(run.y, plain.y, tolerance: 1e-6, "y")
    expectClose(run.dx, plain.dx, tolerance: 1e-6, "dx")
    expectClose(run.dkernel, plain.dkernel.map { $0 + 1 }, tolerance: 2e-6, "dkernel")
    expectClose(run.dbias, plain.dbias.map { $0 + 1 }, tolerance: 2e-6, "dbias")
    func rectified(_ slope: Float, _ bound: Float) -> [Float] {
      Run(test, data, rectifier: MCRectifier(rectifies: true, slope: slope, bound: bound)).y
    }
    #expect(rectified(0, .infinity) == run.y.map { max(0, $0) })
    #expect(rectified(0, 0.5) == run.y.map { min(max(0, $0), 0.5) })
    #expect(rectified(0.3, .infinity) == run.y.map { $0 > 0 ? $0 : 0.3 * $0 })
  }

  @Test(arguments: cases) func worksWithoutBiasOrInputGradient(_ test: ConvolutionCase) {
    let data = ConvolutionRun(test)
    let run = Run(test, data)
    let plain = PlainConvolution(
      test.convolution.window, batch: test.batch, x: data.x, kernel: data.kernel,
      bias: data.bias.map { _ in 0 }, dy: data.dy)
    expectClose(Run(test, data, withBias: false).y, plain.y, tolerance: 1e-6, "y")
    var w = test.convolution.window
    var scratch = [Float](repeating: .nan, count: mc_depthwise_scratch_count(&w))
    var prepared = [Float](repeating: .nan, count: mc_depthwise_prepared_count(&w))
    mc_depthwise_prepare(&w, data.kernel, &prepared)
    var dkernel = data.dkernel
    mc_depthwise_backward(
      &w, test.batch, data.x, data.dy, prepared, &dkernel, nil, nil, &scratch)
    // Not compared in the macro, which would print whole arrays.
    let same = dkernel == run.dkernel
    #expect(same)
  }

  @Test(arguments: cases.filter { $0.batch > 0 })
  func outputsDoNotDependOnTheCut(_ test: ConvolutionCase) {
    let data = ConvolutionRun(test)
    let whole = Run(test, data)
    for rows in 1...3 {
      let same = Run(test, data, rows: rows).y == whole.y
      #expect(same, "\(rows) rows at once")
    }
    var alone = test
    alone.batch = 1
    var nothing = MCRectifier()
    var w = test.convolution.window
    var scratch = [Float](repeating: .nan, count: mc_depthwise_scratch_count(&w))
    var prepared = [Float](repeating: .nan, count: mc_depthwise_prepared_count(&w))
    mc_depthwise_prepare(&w, data.kernel, &prepared)
    var y = [Float](repeating: .nan, count: data.y.count / test.batch)
    mc_depthwise_forward(
      &w, 1, 0, test.output.rows, Array(data.x.suffix(data.x.count / test.batch)), prepared,
      data.bias, &nothing, &y, &scratch)
    let same = y == Array(whole.y.suffix(y.count))
    #expect(same, "the last image alone")
  }

  @Test func showsNotANumber() {
    var data = ConvolutionRun(Self.cases[1])
    data.y = Run(Self.cases[1], data).y
    var x = data.x
    x[16 * 31] = .nan
    var w = Self.cases[1].convolution.window, nothing = MCRectifier()
    var scratch = [Float](repeating: 0, count: mc_depthwise_scratch_count(&w))
    var prepared = [Float](repeating: 0, count: mc_depthwise_prepared_count(&w))
    mc_depthwise_prepare(&w, data.kernel, &prepared)
    var y = data.y
    mc_depthwise_forward(&w, 2, 0, 5, x, prepared, data.bias, &nothing, &y, &scratch)
    // Pixel 1×1 is seen by nine outputs of its channel, and by no other.
    #expect(y.count { $0.isNaN } == 9)
    let others = zip(y, data.y).allSatisfy { $0.isNaN || $0 == $1 }
    #expect(others)
  }
}
