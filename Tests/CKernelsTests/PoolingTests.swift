import CKernels
import Testing

@Suite struct PoolingTests {
  static func window(
    _ size: (Int32, Int32), channels: Int32, kernel: (Int32, Int32), stride: (Int32, Int32),
    padding: (Int32, Int32) = (0, 0), out: (Int32, Int32)
  ) -> MCWindow {
    MCWindow(
      inHeight: size.0, inWidth: size.1, inChannels: channels, outHeight: out.0, outWidth: out.1,
      outChannels: channels, kernelHeight: kernel.0, kernelWidth: kernel.1, strideHeight: stride.0,
      strideWidth: stride.1, dilationHeight: 1, dilationWidth: 1, padTop: padding.0,
      padLeft: padding.1, groups: 1)
  }

  // Tiling, with a rest, overlapping, apart, with padding, with windows wholly in it.
  static let windows: [MCWindow] = [1, 3, 6, 8, 16, 19, 37].flatMap { (c: Int32) -> [MCWindow] in
    [
      window((6, 8), channels: c, kernel: (2, 2), stride: (2, 2), out: (3, 4)),
      window((7, 5), channels: c, kernel: (2, 2), stride: (2, 2), out: (3, 2)),
      window((7, 7), channels: c, kernel: (3, 3), stride: (2, 2), out: (3, 3)),
      window((5, 6), channels: c, kernel: (3, 2), stride: (1, 1), padding: (1, 1), out: (5, 7)),
      window((4, 4), channels: c, kernel: (2, 2), stride: (2, 2), padding: (1, 1), out: (3, 3)),
      window((3, 3), channels: c, kernel: (2, 2), stride: (2, 2), padding: (4, 4), out: (5, 5)),
      window((2, 3), channels: c, kernel: (2, 3), stride: (1, 1), out: (1, 1)),
      window((8, 9), channels: c, kernel: (3, 3), stride: (2, 2), padding: (1, 1), out: (4, 5)),
      window((5, 4), channels: c, kernel: (3, 3), stride: (1, 1), padding: (1, 1), out: (5, 4)),
      window((5, 1), channels: c, kernel: (3, 3), stride: (1, 1), padding: (2, 2), out: (7, 3)),
      window((9, 8), channels: c, kernel: (4, 4), stride: (4, 4), out: (2, 2)),
      window((11, 8), channels: c, kernel: (5, 3), stride: (3, 2), padding: (2, 1), out: (4, 4)),
      window((8, 11), channels: c, kernel: (2, 2), stride: (3, 3), out: (3, 4)),
    ]
  }

  @Test(arguments: windows.indices, [0, 1, 3]) func agreesWithThePlainLoops(index: Int, batch: Int)
  {
    var w = Self.windows[index]
    var numbers = Numbers(seed: UInt64(index))
    // Few values, so that maxima are often equal, and here and there a NaN.
    let count = batch * Int(w.inHeight * w.inWidth * w.inChannels)
    let x = numbers.array(count).map { ($0 * 2).rounded() }
    let dy = numbers.array(batch * Int(w.outHeight * w.outWidth * w.inChannels))
    let spoiled = x.indices.map { $0 % 23 == 5 ? Float.nan : x[$0] }
    var plain = Pooled(outputs: dy.count, inputs: count), fast = plain

    mc_max_pool2d_forward(&w, batch, x, &fast.y, &fast.bytes)
    mc_max_pool2d_forward_plain(&w, batch, x, &plain.y, &plain.bytes)
    #expect(fast.y == plain.y && fast.bytes == plain.bytes)
    mc_max_pool2d_backward(&w, batch, dy, fast.bytes, &fast.dx)
    mc_max_pool2d_backward_plain(&w, batch, dy, plain.bytes, &plain.dx)
    expectGradient(fast.dx, plain.dx, of: w)

    mc_max_pool2d_forward_wide(&w, batch, spoiled, &fast.y, &fast.wide)
    mc_max_pool2d_forward_wide_plain(&w, batch, spoiled, &plain.y, &plain.wide)
    // Bits, as a NaN differs from itself.
    #expect(fast.y.map(\.bitPattern) == plain.y.map(\.bitPattern) && fast.wide == plain.wide)
    mc_max_pool2d_backward_wide(&w, batch, dy, fast.wide, &fast.dx)
    mc_max_pool2d_backward_wide_plain(&w, batch, dy, plain.wide, &plain.dx)
    expectGradient(fast.dx, plain.dx, of: w)

    mc_max_pool2d_forward(&w, batch, x, &fast.y, nil)
    mc_max_pool2d_forward_plain(&w, batch, x, &plain.y, nil)
    #expect(fast.y == plain.y)

    mc_avg_pool2d_forward(&w, batch, x, &fast.y)
    mc_avg_pool2d_forward_plain(&w, batch, x, &plain.y)
    expectClose(fast.y, plain.y, tolerance: 1e-6, "average")
    mc_avg_pool2d_backward(&w, batch, dy, &fast.dx)
    mc_avg_pool2d_backward_plain(&w, batch, dy, &plain.dx)
    expectClose(fast.dx, plain.dx, tolerance: 1e-6, "dx of the average")
  }

  // The last pixels of a batch leave no room for vectors of few channels.
  @Test(arguments: windows.indices) func anImageHasTheSameBitsInABatch(index: Int) {
    var w = Self.windows[index]
    var numbers = Numbers(seed: UInt64(index))
    let inputs = Int(w.inHeight * w.inWidth * w.inChannels)
    let outputs = Int(w.outHeight * w.outWidth * w.inChannels)
    let x = numbers.array(2 * inputs), dy = numbers.array(2 * outputs)
    var two = Pooled(outputs: 2 * outputs, inputs: 2 * inputs)
    var one = Pooled(outputs: outputs, inputs: inputs)

    mc_avg_pool2d_forward(&w, 2, x, &two.y)
    mc_avg_pool2d_forward(&w, 1, x, &one.y)
    #expect(one.y == Array(two.y[..<outputs]))
    mc_avg_pool2d_backward(&w, 2, dy, &two.dx)
    mc_avg_pool2d_backward(&w, 1, dy, &one.dx)
    #expect(one.dx == Array(two.dx[..<inputs]))

    mc_max_pool2d_forward(&w, 2, x, &two.y, &two.bytes)
    mc_max_pool2d_forward(&w, 1, x, &one.y, &one.bytes)
    #expect(one.y == Array(two.y[..<outputs]) && one.bytes == Array(two.bytes[..<outputs]))
    mc_max_pool2d_backward(&w, 2, dy, two.bytes, &two.dx)
    mc_max_pool2d_backward(&w, 1, dy, one.bytes, &one.dx)
    #expect(one.dx == Array(two.dx[..<inputs]))
  }

  @Test(arguments: [1, 6, 17]) func globalPoolingAgreesWithOneWindow(channels: Int) {
    var w = Self.window(
      (3, 4), channels: Int32(channels), kernel: (3, 4), stride: (1, 1), out: (1, 1))
    var numbers = Numbers(seed: 2)
    let x = numbers.array(2 * 12 * channels).map { ($0 * 3).rounded() }
    let dy = numbers.array(2 * channels)
    var whole = Pooled(outputs: dy.count, inputs: x.count), plain = whole
    mc_global_max_pool_forward(2, 12, channels, x, &whole.y, &whole.wide)
    mc_max_pool2d_forward_wide_plain(&w, 2, x, &plain.y, &plain.wide)
    #expect(whole.y == plain.y && whole.wide == plain.wide)
    mc_global_max_pool_backward(2, 12, channels, dy, whole.wide, &whole.dx)
    mc_max_pool2d_backward_wide_plain(&w, 2, dy, plain.wide, &plain.dx)
    #expect(whole.dx == plain.dx)
    mc_global_avg_pool_forward(2, 12, channels, x, &whole.y)
    mc_avg_pool2d_forward_plain(&w, 2, x, &plain.y)
    expectClose(whole.y, plain.y, tolerance: 1e-6, "average")
    mc_global_avg_pool_backward(2, 12, channels, dy, &whole.dx)
    mc_avg_pool2d_backward_plain(&w, 2, dy, &plain.dx)
    expectClose(whole.dx, plain.dx, tolerance: 1e-6, "dx of the average")
  }
}

/// Where windows overlap, gradients are added in another order than in the plain loops.
private func expectGradient(_ dx: [Float], _ plain: [Float], of w: MCWindow) {
  if w.strideHeight < w.kernelHeight || w.strideWidth < w.kernelWidth {
    expectClose(dx, plain, tolerance: 1e-6, "dx")
  } else {
    #expect(dx == plain)
  }
}

/// What a pooling overwrites, with numbers in it that it never gives.
private struct Pooled {
  var y: [Float], dx: [Float]
  var bytes: [UInt8], wide: [Int32]

  init(outputs: Int, inputs: Int) {
    y = Array(repeating: -9, count: outputs)
    dx = Array(repeating: -9, count: inputs)
    bytes = Array(repeating: 99, count: outputs)
    wide = Array(repeating: 99, count: outputs)
  }
}
