import CKernels
import Testing

/// One convolution to compare with its naive twin.
struct ConvolutionCase: CustomTestStringConvertible, Sendable {
  var height = 7
  var width = 6
  var inputs = 3
  var outputs = 5
  var kernel = (3, 3)
  var stride = (1, 1)
  var dilation = (1, 1)
  var padding = (0, 0, 0, 0)  // top, left, bottom, right
  var groups = 1
  var batch = 2

  var window: MCWindow {
    func out(_ size: Int, _ pad: Int, _ kernel: Int, _ dilation: Int, _ stride: Int) -> Int32 {
      Int32(max(0, (size + pad - (kernel - 1) * dilation - 1) / stride + 1))
    }
    return MCWindow(
      inHeight: Int32(height), inWidth: Int32(width), inChannels: Int32(inputs),
      outHeight: out(height, padding.0 + padding.2, kernel.0, dilation.0, stride.0),
      outWidth: out(width, padding.1 + padding.3, kernel.1, dilation.1, stride.1),
      outChannels: Int32(outputs), kernelHeight: Int32(kernel.0), kernelWidth: Int32(kernel.1),
      strideHeight: Int32(stride.0), strideWidth: Int32(stride.1),
      dilationHeight: Int32(dilation.0), dilationWidth: Int32(dilation.1),
      padTop: Int32(padding.0), padLeft: Int32(padding.1), groups: Int32(groups))
  }

  var testDescription: String {
    "\(height)x\(width)x\(inputs)->\(outputs) kernel \(kernel) stride \(stride) dilation \(dilation) "
      + "padding \(padding) groups \(groups) batch \(batch)"
  }
}

@Suite struct ConvolutionTests {
  static let cases: [ConvolutionCase] = [
    ConvolutionCase(),
    ConvolutionCase(inputs: 1, outputs: 6, kernel: (5, 5), padding: (2, 2, 2, 2)),
    ConvolutionCase(height: 9, width: 15, inputs: 6, outputs: 16, kernel: (5, 5), batch: 1),
    ConvolutionCase(height: 4, width: 27, inputs: 16, outputs: 33, padding: (1, 1, 1, 1)),
    ConvolutionCase(inputs: 8, outputs: 8, padding: (1, 1, 1, 1)),
    ConvolutionCase(inputs: 17, outputs: 7, kernel: (1, 1)),
    ConvolutionCase(inputs: 9, outputs: 32, kernel: (1, 1), stride: (2, 2)),
    ConvolutionCase(height: 8, width: 9, stride: (2, 2), padding: (1, 1, 1, 1)),
    ConvolutionCase(height: 8, width: 8, stride: (2, 2), padding: (0, 0, 1, 1)),
    ConvolutionCase(height: 9, width: 11, stride: (3, 2), padding: (1, 0, 2, 1)),
    ConvolutionCase(height: 9, width: 11, stride: (1, 2), padding: (2, 1, 0, 0)),
    ConvolutionCase(height: 9, width: 11, kernel: (2, 2), stride: (3, 4)),
    ConvolutionCase(height: 11, width: 10, dilation: (2, 3), padding: (2, 3, 2, 3)),
    ConvolutionCase(height: 11, width: 10, stride: (2, 2), dilation: (2, 1)),
    ConvolutionCase(height: 11, width: 10, stride: (2, 3), dilation: (1, 2), padding: (1, 2, 1, 2)),
    ConvolutionCase(inputs: 6, outputs: 9, groups: 3),
    ConvolutionCase(inputs: 20, outputs: 20, padding: (1, 1, 1, 1), groups: 20),
    ConvolutionCase(inputs: 4, outputs: 34, stride: (2, 1), padding: (1, 1, 1, 1), groups: 2),
    ConvolutionCase(height: 2, width: 3, kernel: (2, 3), padding: (4, 5, 4, 5)),
    ConvolutionCase(height: 5, width: 5, kernel: (1, 1), stride: (1, 2), padding: (2, 1, 0, 3)),
    ConvolutionCase(height: 4, width: 4, kernel: (2, 2), stride: (2, 3), padding: (3, 4, 3, 4)),
    ConvolutionCase(height: 3, width: 3, kernel: (3, 3), batch: 1),
    ConvolutionCase(height: 2, width: 2),
    ConvolutionCase(batch: 0),
  ]

  // Sums of at most some hundred products of numbers below 1: 2e-6 of the largest is several times
  // the rounding of float.
  @Test(arguments: cases) func agreesWithTheFormula(_ test: ConvolutionCase) {
    var w = test.window
    var numbers = Numbers(seed: 7)
    let x = numbers.array(test.batch * test.height * test.width * test.inputs)
    let pixels = test.batch * Int(w.outHeight) * Int(w.outWidth)
    let dy = numbers.array(pixels * test.outputs)
    let places = test.kernel.0 * test.kernel.1
    let kernel = numbers.array(places * test.inputs / test.groups * test.outputs)
    let bias = numbers.array(test.outputs)
    let expected = NaiveConvolution(
      w, batch: test.batch, x: x, kernel: kernel, bias: bias, dy: dy)

    var prepared = [Float](repeating: .nan, count: mc_conv2d_prepared_count(&w))
    var scratch = [Float](repeating: .nan, count: mc_conv2d_scratch_count(&w, test.batch))
    var y = [Float](repeating: .nan, count: dy.count)
    var dx = [Float](repeating: .nan, count: x.count)
    var dkernel = [Float](repeating: 1, count: kernel.count)
    var dbias = [Float](repeating: 1, count: bias.count)
    mc_conv2d_prepare(&w, kernel, &prepared)
    mc_conv2d_forward(&w, test.batch, x, prepared, bias, &y, &scratch)
    mc_conv2d_backward_input(&w, test.batch, dy, prepared, &dx, &scratch)
    mc_conv2d_backward_kernel(&w, test.batch, x, dy, &dkernel, &dbias, &scratch)
    expectClose(y, expected.y, tolerance: 2e-6, "y")
    expectClose(dx, expected.dx, tolerance: 2e-6, "dx")
    expectClose(dkernel, expected.dkernel.map { $0 + 1 }, tolerance: 2e-6, "dkernel")
    expectClose(dbias, expected.dbias.map { $0 + 1 }, tolerance: 2e-6, "dbias")

    mc_conv2d_forward(&w, test.batch, x, prepared, nil, &y, &scratch)
    let plain = zip(expected.y, expected.y.indices).map { $0 - Double(bias[$1 % test.outputs]) }
    expectClose(y, plain, tolerance: 2e-6, "y without bias")
  }

  @Test func imageDoesNotDependOnItsBatch() {
    let test = ConvolutionCase(inputs: 6, outputs: 20, padding: (1, 1, 1, 1), batch: 3)
    var w = test.window
    var numbers = Numbers(seed: 3)
    let size = test.height * test.width
    let x = numbers.array(3 * size * 6), kernel = numbers.array(9 * 6 * 20)
    var prepared = [Float](repeating: 0, count: mc_conv2d_prepared_count(&w))
    var scratch = [Float](repeating: 0, count: mc_conv2d_scratch_count(&w, 3))
    mc_conv2d_prepare(&w, kernel, &prepared)
    var all = [Float](repeating: 0, count: 3 * size * 20),
      one = [Float](repeating: 0, count: size * 20)
    mc_conv2d_forward(&w, 3, x, prepared, nil, &all, &scratch)
    mc_conv2d_forward(&w, 1, Array(x[(2 * size * 6)...]), prepared, nil, &one, &scratch)
    #expect(one == Array(all[(2 * size * 20)...]))
  }
}
