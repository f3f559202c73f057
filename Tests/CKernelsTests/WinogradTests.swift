import CKernels
import Testing

@Suite struct WinogradTests {
  // Winograd's tiles add before they multiply. Their error grows with the number of channels as that of
  // the plain sum does, and the larger a tile the larger it is: 1.4, 1.8 and 2.1 times that of the plain
  // sum, and 1.4 times for kernels of 5×5. 64 channels of numbers in [-1, 1): 576 or 1,600 products a sum.
  @Test(
    .disabled(if: usesPlainLoops),
    arguments: [(3, 2, 2, 2), (3, 6, 3, 2.5), (3, 14, 4, 3), (5, 10, 2, 2)]
      as [(Int, Int, Int, Double)])
  func errorIsThatOfAPlainSumOfFloats(kernel: Int, size: Int, tile: Int, bound: Double) {
    let border = kernel / 2
    let test = ConvolutionCase(
      height: size, width: size, inputs: 64, outputs: 64, kernel: (kernel, kernel),
      padding: (border, border, border, border), batch: 1)
    var run = ConvolutionRun(test)
    run.run(bias: run.bias)
    #expect(tiles(test) == tile)

    // The plain loops sum in double.
    let expected = run.plain(bias: run.bias)
    func error(_ actual: [Float], _ expected: [Float]) -> Double {
      let squares = zip(actual, expected).reduce(0.0) { $0 + ($1.0.distanced(to: Double($1.1))) }
      return (squares / Double(actual.count)).squareRoot()
    }
    let summed = plainSums(run)
    let winograd = error(run.y, expected.y), direct = error(summed, expected.y)
    #expect(winograd < bound * direct, "root mean square: \(winograd), of plain sums \(direct)")
    #expect(error(run.dx, expected.dx) < bound * direct)
  }

  // The height of tiles that costs least for the shape: 4 where little of them hangs over the edge, less
  // for small outputs, and none where the transforms cost more than they save.
  @Test(
    .disabled(if: usesPlainLoops),
    arguments: [
      (28, 24, 24, 4), (26, 32, 64, 4), (14, 48, 48, 4), (13, 64, 64, 4), (10, 64, 64, 4),
      (9, 64, 64, 3), (7, 96, 96, 4), (6, 64, 64, 3), (5, 64, 64, 3), (4, 64, 64, 4),
      (3, 64, 64, 3), (2, 64, 64, 2), (28, 8, 8, 4), (28, 7, 64, 4), (28, 64, 7, 4),
      (28, 3, 64, nil), (28, 64, 3, nil), (5, 4, 64, nil),
    ] as [(Int, Int, Int, Int?)])
  func tilesFollowTheRule(size: Int, inputs: Int, outputs: Int, tile: Int?) {
    let test = ConvolutionCase(
      height: size, width: size, inputs: inputs, outputs: outputs, padding: (1, 1, 1, 1))
    #expect(tiles(test) == tile)
  }

  // A kernel of 5×5 has tiles of 2 alone, which pay off from four channels on unless few of them hang over
  // the edge.
  @Test(
    .disabled(if: usesPlainLoops),
    arguments: [
      (14, 6, 16, false, true), (14, 6, 8, false, true), (14, 3, 8, false, false),
      (14, 8, 3, false, false), (14, 4, 24, false, true), (14, 4, 24, true, true),
      (9, 64, 64, false, true), (5, 4, 24, false, false), (2, 16, 16, false, true),
    ])
  func largeKernelsFollowTheRule(
    size: Int, inputs: Int, outputs: Int, isPooled: Bool, isTiled: Bool
  ) {
    let test = ConvolutionCase(
      height: size + 4, width: size + 4, inputs: inputs, outputs: outputs, kernel: (5, 5))
    var c = (isPooled ? test.pooled() : test).convolution
    #expect((String(cString: mc_conv2d_forward_path(&c)) == "winograd") == isTiled)
    // A stride, a dilation or groups leave it to the other loops.
    c.window.dilationWidth = 2
    #expect(String(cString: mc_conv2d_forward_path(&c)) == "direct")
  }

  // Where a pooling's windows of 2x2 are parts of tiles, F(3x3) is not used, and a last row that no window
  // reads costs nothing.
  @Test(.disabled(if: usesPlainLoops), arguments: [(24, 2), (6, 2), (5, 2), (3, 1)])
  func tilesHoldWholeWindows(size: Int, pooledRows: Int) {
    var c = ConvolutionCase(
      height: size, width: size, inputs: 32, outputs: 32, padding: (1, 1, 1, 1)
    ).pooled().convolution
    #expect(String(cString: mc_conv2d_forward_path(&c)) == "winograd")
    #expect(mc_conv2d_row_step(&c) == pooledRows)
  }

  /// Rows of a tile; none without tiles.
  func tiles(_ test: ConvolutionCase) -> Int? {
    var c = test.convolution
    let path = String(cString: mc_conv2d_forward_path(&c))
    return path == "winograd" ? mc_conv2d_row_step(&c) : nil
  }

  /// The formula in float, products added one after the other.
  func plainSums(_ run: ConvolutionRun) -> [Float] {
    let test = run.test
    let extent = test.kernel.0, border = extent / 2
    var y: [Float] = []
    for p in 0..<test.height {
      for q in 0..<test.width {
        for o in 0..<test.outputs {
          var sum: Float = run.bias[o]
          for r in 0..<extent where (0..<test.height).contains(p + r - border) {
            for s in 0..<extent where (0..<test.width).contains(q + s - border) {
              for c in 0..<test.inputs {
                sum +=
                  run.x[((p + r - border) * test.width + q + s - border) * test.inputs + c]
                  * run.kernel[((r * extent + s) * test.inputs + c) * test.outputs + o]
              }
            }
          }
          y.append(sum)
        }
      }
    }
    return y
  }
}

extension Float {
  fileprivate func distanced(to other: Double) -> Double {
    (Double(self) - other) * (Double(self) - other)
  }
}
