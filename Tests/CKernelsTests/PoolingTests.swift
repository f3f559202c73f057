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

  // Tiling, with a rest, overlapping, with padding, with windows wholly in it.
  static let windows: [MCWindow] = [1, 3, 6, 8, 16, 19, 37].flatMap { (c: Int32) -> [MCWindow] in
    [
      window((6, 8), channels: c, kernel: (2, 2), stride: (2, 2), out: (3, 4)),
      window((7, 5), channels: c, kernel: (2, 2), stride: (2, 2), out: (3, 2)),
      window((7, 7), channels: c, kernel: (3, 3), stride: (2, 2), out: (3, 3)),
      window((5, 6), channels: c, kernel: (3, 2), stride: (1, 1), padding: (1, 1), out: (5, 7)),
      window((4, 4), channels: c, kernel: (2, 2), stride: (2, 2), padding: (1, 1), out: (3, 3)),
      window((3, 3), channels: c, kernel: (2, 2), stride: (2, 2), padding: (4, 4), out: (5, 5)),
      window((2, 3), channels: c, kernel: (2, 3), stride: (1, 1), out: (1, 1)),
    ]
  }

  @Test(arguments: windows.indices, [0, 1, 3]) func agreesWithTheDefinition(index: Int, batch: Int)
  {
    var w = Self.windows[index]
    var numbers = Numbers(seed: UInt64(index))
    // Few values, so that maxima are often equal, and here and there a NaN.
    let count = batch * Int(w.inHeight * w.inWidth * w.inChannels)
    let x = numbers.array(count).map { ($0 * 2).rounded() }
    let dy = numbers.array(batch * Int(w.outHeight * w.outWidth * w.inChannels))
    let spoiled = x.indices.map { $0 % 23 == 5 ? Float.nan : x[$0] }
    let expected = NaivePooling(w, batch: batch, x: x, dy: dy)
    let withNaN = NaivePooling(w, batch: batch, x: spoiled, dy: dy)
    var y = [Float](repeating: -9, count: dy.count), dx = [Float](repeating: -9, count: count)
    var bytes = [UInt8](repeating: 9, count: dy.count)
    var wide = [Int32](repeating: 9, count: dy.count)

    mc_max_pool2d_forward(&w, batch, x, &y, &bytes)
    #expect(y == expected.largest)
    #expect(bytes.map(Int32.init) == expected.places)
    mc_max_pool2d_backward(&w, batch, dy, bytes, &dx)
    expectClose(dx, expected.largestGradient, tolerance: 1e-6, "dx of the maximum")

    mc_max_pool2d_forward_wide(&w, batch, spoiled, &y, &wide)
    #expect(zip(y, withNaN.largest).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
    #expect(wide == withNaN.places)
    mc_max_pool2d_backward_wide(&w, batch, dy, wide, &dx)
    expectClose(dx, withNaN.largestGradient, tolerance: 1e-6, "dx of the maximum, wide")
    mc_max_pool2d_forward(&w, batch, x, &y, nil)
    #expect(y == expected.largest)

    mc_avg_pool2d_forward(&w, batch, x, &y)
    expectClose(y, expected.average, tolerance: 1e-6, "average")
    mc_avg_pool2d_backward(&w, batch, dy, &dx)
    expectClose(dx, expected.averageGradient, tolerance: 1e-6, "dx of the average")
  }

  @Test(arguments: [1, 6, 17]) func globalPoolingAgreesWithOneWindow(channels: Int) {
    let w = Self.window(
      (3, 4), channels: Int32(channels), kernel: (3, 4), stride: (1, 1), out: (1, 1))
    var numbers = Numbers(seed: 2)
    let x = numbers.array(2 * 12 * channels).map { ($0 * 3).rounded() }
    let dy = numbers.array(2 * channels)
    let expected = NaivePooling(w, batch: 2, x: x, dy: dy)
    var y = [Float](repeating: 9, count: dy.count), dx = [Float](repeating: 9, count: x.count)
    var places = [Int32](repeating: 9, count: dy.count)
    mc_global_max_pool_forward(2, 12, channels, x, &y, &places)
    #expect(y == expected.largest)
    #expect(places == expected.places)
    mc_global_max_pool_backward(2, 12, channels, dy, places, &dx)
    expectClose(dx, expected.largestGradient, tolerance: 1e-6, "dx of the maximum")
    mc_global_avg_pool_forward(2, 12, channels, x, &y)
    expectClose(y, expected.average, tolerance: 1e-6, "average")
    mc_global_avg_pool_backward(2, 12, channels, dy, &dx)
    expectClose(dx, expected.averageGradient, tolerance: 1e-6, "dx of the average")
  }
}
