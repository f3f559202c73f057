import CKernels
import Testing

@Suite struct ConvolutionTests {
  static let windows: [MCWindow] = [
    window(9, 11, 1, to: 9, 11, 6, kernel: (5, 5), pad: (2, 2)),
    window(8, 9, 6, to: 4, 5, 16, kernel: (5, 5)),
    window(7, 8, 1, to: 5, 6, 32, kernel: (3, 3)),
    window(6, 17, 3, to: 4, 15, 20, kernel: (3, 3)),
    window(7, 9, 5, to: 4, 5, 17, kernel: (3, 3), stride: (2, 2), pad: (1, 1)),
    window(9, 8, 2, to: 3, 4, 3, kernel: (2, 3), stride: (3, 2), pad: (0, 1)),
    window(9, 10, 3, to: 5, 6, 18, kernel: (3, 3), dilation: (2, 2)),
    window(6, 7, 8, to: 6, 7, 34, kernel: (3, 3), pad: (1, 1), groups: 2),
    window(5, 5, 7, to: 5, 5, 7, kernel: (3, 3), pad: (1, 1), groups: 7),
    window(5, 6, 9, to: 5, 6, 19, kernel: (1, 1)),
    window(5, 6, 4, to: 2, 2, 5, kernel: (1, 1), stride: (3, 4)),
    window(2, 2, 3, to: 4, 4, 4, kernel: (3, 3), pad: (2, 2)),
    window(1, 1, 1, to: 1, 1, 1, kernel: (1, 1)),
  ]

  /// Sums of at most 300 products of numbers below 1 keep 2e-5.
  @Test(arguments: windows.indices, [1, 3])
  func agreesWithItsDefinition(_ index: Int, _ batch: Int) {
    var w = Self.windows[index]
    let naive = NaiveConvolution(w: w, batch: batch)
    let outputs = Int(w.outChannels)
    let x = numbers(naive.inCount, seed: 1), dy = numbers(naive.outCount, seed: 2)
    let kernel = numbers(naive.kernelCount, seed: 3), bias = numbers(outputs, seed: 4)
    let before = numbers(naive.kernelCount, seed: 5)

    var y = (0..<naive.outCount).map { Double(bias[$0 % outputs]) }
    var dx = [Double](repeating: 0, count: naive.inCount)
    var dkernel = before.map(Double.init), dbias = bias.map(Double.init)
    naive.forEachTerm { i, k, o in
      y[o] += Double(x[i]) * Double(kernel[k])
      dx[i] += Double(dy[o]) * Double(kernel[k])
      dkernel[k] += Double(x[i]) * Double(dy[o])
    }
    for (i, value) in dy.enumerated() { dbias[i % outputs] += Double(value) }

    var prepared = unwritten(mc_conv2d_prepared_count(&w))
    var scratch = unwritten(mc_conv2d_scratch_count(&w, batch))
    mc_conv2d_prepare(&w, kernel, &prepared)
    var foundY = unwritten(y.count), foundDX = unwritten(dx.count)
    let guarded = [Float](repeating: guardValue, count: guardCount)
    var foundKernel = before + guarded, foundBias = bias + guarded
    mc_conv2d_forward(&w, batch, x, prepared, bias, &foundY, &scratch)
    mc_conv2d_backward_input(&w, batch, dy, prepared, &foundDX, &scratch)
    mc_conv2d_backward_kernel(&w, batch, x, dy, &foundKernel, &foundBias, &scratch)
    #expect(difference(foundY, y, tolerance: 2e-5) == nil)
    #expect(difference(foundDX, dx, tolerance: 2e-5) == nil)
    #expect(difference(foundKernel, dkernel, tolerance: 2e-5) == nil)
    #expect(difference(foundBias, dbias, tolerance: 2e-5) == nil)
    #expect(scratch.suffix(guardCount).allSatisfy { $0 == guardValue })
    #expect(prepared.suffix(guardCount).allSatisfy { $0 == guardValue })
  }

  @Test(arguments: windows.indices)
  func imageDoesNotDependOnItsBatch(_ index: Int) {
    var w = Self.windows[index]
    let one = NaiveConvolution(w: w, batch: 1)
    let x = numbers(one.inCount * 3, seed: 6), kernel = numbers(one.kernelCount, seed: 7)
    var prepared = unwritten(mc_conv2d_prepared_count(&w))
    var scratch = unwritten(mc_conv2d_scratch_count(&w, 3))
    mc_conv2d_prepare(&w, kernel, &prepared)
    var all = unwritten(one.outCount * 3), alone = unwritten(one.outCount)
    mc_conv2d_forward(&w, 3, x, prepared, nil, &all, &scratch)
    mc_conv2d_forward(&w, 1, Array(x[(one.inCount * 2)...]), prepared, nil, &alone, &scratch)
    #expect(Array(all[(one.outCount * 2)..<(one.outCount * 3)]) == Array(alone[..<one.outCount]))
  }
}
