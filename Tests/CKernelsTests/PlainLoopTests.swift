import CKernels
import Testing

/// The plain loops, which the others are held to, against sums worked out by hand and against what must
/// hold of any gradient.
@Suite struct PlainLoopTests {
  @Test func maxPoolingByHand() {
    // Windows that overlap: the pixel 9 is the maximum of two, and of two fives the first one is.
    let x: [Float] = [
      1, 5, 2,
      4, 5, 9,
      7, 0, 5,
    ]
    var w = PoolingTests.window((3, 3), channels: 1, kernel: (2, 2), stride: (1, 1), out: (2, 2))
    var y = [Float](repeating: -9, count: 4), argmax = [UInt8](repeating: 99, count: 4)
    var dx = [Float](repeating: -9, count: 9)
    mc_max_pool2d_forward_plain(&w, 1, x, &y, &argmax)
    #expect(y == [5, 9, 7, 9])
    #expect(argmax == [1, 3, 2, 1])
    mc_max_pool2d_backward_plain(&w, 1, [10, 20, 30, 40], argmax, &dx)
    #expect(dx == [0, 10, 0, 0, 0, 60, 30, 0, 0])
  }

  @Test func paddingNeverWinsAndNaNAlwaysDoes() {
    // One pixel below 0 inside a border of two: the corner windows see nothing of it.
    var w = PoolingTests.window(
      (1, 1), channels: 1, kernel: (2, 2), stride: (1, 1), padding: (2, 2), out: (4, 4))
    var y = [Float](repeating: -9, count: 16), argmax = [UInt8](repeating: 99, count: 16)
    var dx: [Float] = [-9]
    mc_max_pool2d_forward_plain(&w, 1, [-3], &y, &argmax)
    #expect(y == [0, 0, 0, 0, 0, -3, -3, 0, 0, -3, -3, 0, 0, 0, 0, 0])
    #expect(argmax == [0, 0, 0, 0, 0, 3, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    mc_max_pool2d_backward_plain(&w, 1, (0..<16).map(Float.init), argmax, &dx)
    #expect(dx == [5 + 6 + 9 + 10])
    var pair = PoolingTests.window((1, 3), channels: 1, kernel: (1, 3), stride: (1, 1), out: (1, 1))
    var wide: [Int32] = [99]
    mc_max_pool2d_forward_wide_plain(&pair, 1, [8, .nan, .infinity], &y, &wide)
    #expect(y[0].isNaN && wide == [1])
  }

  @Test func averagePoolingByHand() {
    // Padding is not counted.
    var w = PoolingTests.window(
      (1, 3), channels: 1, kernel: (1, 2), stride: (1, 1), padding: (0, 1), out: (1, 4))
    var y = [Float](repeating: -9, count: 4), dx = [Float](repeating: -9, count: 3)
    mc_avg_pool2d_forward_plain(&w, 1, [1, 2, 6], &y)
    #expect(y == [1, 1.5, 4, 6])
    mc_avg_pool2d_backward_plain(&w, 1, [1, 2, 4, 8], &dx)
    #expect(dx == [2, 3, 10])
  }

  @Test func reluByHand() {
    let x: [Float] = [-2, 0, 3, .nan]
    var y = [Float](repeating: 9, count: 4)
    mc_relu_forward_plain(4, x, &y)
    #expect(y[..<3] == [0, 0, 3] && y[3].isNaN)
    mc_relu_backward_plain(4, [0, 0, 3, 1], [5, 6, 7, 8], &y)
    #expect(y == [0, 0, 7, 8])
  }

  @Test func convolutionByHand() {
    var c = ConvolutionCase(height: 3, width: 3, inputs: 1, outputs: 1, kernel: (2, 2), batch: 1)
      .convolution
    let x: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9], kernel: [Float] = [1, 2, 3, 4]
    var y = [Float](repeating: -9, count: 4), scratch: Float = 0
    mc_conv2d_forward_plain(&c, 1, 0, 2, x, kernel, [0.5], &y, nil, &scratch)
    #expect(y == [37.5, 47.5, 67.5, 77.5])
  }

  /// Without a bias a convolution is linear in its input and in its kernel, and the backward pass is its
  /// transpose: for any v and u, Σ dy·conv(v, kernel) = Σ dx·v and Σ dy·conv(x, u) = Σ dkernel·u.
  @Test(arguments: ConvolutionCase.direct) func convolutionBackwardIsTheTranspose(
    _ test: ConvolutionCase
  ) {
    let run = ConvolutionRun(test).plain()
    let other = ConvolutionRun(test, seed: 8)
    expectSame(
      dot(run.dy, ConvolutionRun(test, x: other.x, kernel: run.kernel).plain().y),
      dot(run.dx, other.x), "dx")
    // The gradient was added to ones.
    expectSame(
      dot(run.dy, ConvolutionRun(test, x: run.x, kernel: other.kernel).plain().y),
      dot(run.dkernel.map { $0 - 1 }, other.kernel), "dkernel")
    let sums = (0..<test.outputs).map { o in
      1 + stride(from: o, to: run.dy.count, by: test.outputs).reduce(0) { $0 + Double(run.dy[$1]) }
    }
    expectClose(run.dbias, sums, tolerance: 2e-6, "dbias")
  }

  @Test(arguments: [(1, 1, 1), (3, 17, 8), (16, 33, 50), (0, 4, 4), (4, 0, 5)])
  func denseBackwardIsTheTranspose(batch: Int, inputs: Int, outputs: Int) {
    let dense = DenseRun(batch: batch, inputs: inputs, outputs: outputs)
    let plain = dense.plain
    func without(_ x: [Float], _ kernel: [Float]) -> [Float] {
      var y = [Float](repeating: .nan, count: batch * outputs)
      mc_dense_forward_plain(batch, inputs, outputs, 0, (outputs + 15) / 16, x, kernel, nil, &y)
      return y
    }
    var numbers = Numbers(seed: 6)
    let v = numbers.array(batch * inputs), u = numbers.array(inputs * outputs)
    expectSame(dot(dense.dy, without(v, dense.kernel)), dot(plain.dx, v), "dx")
    expectSame(dot(dense.dy, without(dense.x, u)), dot(plain.dkernel, u), "dkernel")
  }

  /// ReLU and pooling of a convolution in one, as in the fused layers, are these loops one after the
  /// other.
  @Test(arguments: ConvolutionCase.fused) func fusedIsOneAfterTheOther(_ test: ConvolutionCase) {
    let fused = ConvolutionRun(test.withReLU()).plain()
    var separate = test
    separate.pool = nil
    let run = ConvolutionRun(separate, x: fused.x, kernel: fused.kernel).plain()
    var pool = test.convolution.pool
    var y = [Float](repeating: .nan, count: fused.y.count)
    var argmax = [UInt8](repeating: 99, count: y.count)
    mc_max_pool2d_forward_plain(&pool, test.batch, run.y, &y, &argmax)
    mc_relu_forward_plain(y.count, y.map { $0 }, &y)
    let same = y == fused.y && argmax == fused.argmax
    #expect(same)

    var dy = [Float](repeating: .nan, count: y.count)
    var gradient = [Float](repeating: .nan, count: run.y.count)
    mc_relu_backward_plain(y.count, y, fused.dy, &dy)
    mc_max_pool2d_backward_plain(&pool, test.batch, dy, argmax, &gradient)
    let expected = ConvolutionRun(separate, x: fused.x, kernel: fused.kernel, dy: gradient).plain()
    // The same terms in another order.
    expectClose(fused.dx, expected.dx, tolerance: 2e-6, "dx")
    expectClose(fused.dkernel, expected.dkernel, tolerance: 2e-6, "dkernel")
    expectClose(fused.dbias, expected.dbias, tolerance: 2e-6, "dbias")
  }

  private func dot(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// Two ways to the same sum of some thousand terms of floats.
  private func expectSame(
    _ a: Double, _ b: Double, _ what: String, location: SourceLocation = #_sourceLocation
  ) {
    #expect(abs(a - b) <= 1e-4 * max(1, abs(a)), "\(what): \(a), \(b)", sourceLocation: location)
  }
}
