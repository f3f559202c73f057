import CKernels
import Testing

@Suite struct WinogradTests {
  // F(2x2, 3x3) adds before it multiplies. Its error grows with the number of channels as that of the
  // plain sum does; Lavin and Gray measure about twice the plain sum's. 64 channels of numbers in
  // [-1, 1): 576 products a sum.
  @Test(.disabled(if: usesPlainLoops)) func errorIsThatOfAPlainSumOfFloats() {
    let test = ConvolutionCase(
      height: 14, width: 14, inputs: 64, outputs: 32, padding: (1, 1, 1, 1), batch: 1)
    var run = ConvolutionRun(test)
    run.run(bias: run.bias)
    var plain = MCConvolution(
      window: test.convolution.window, relu: false, pooled: false, pool: MCWindow())
    #expect(String(cString: mc_conv2d_forward_path(&plain)) == "winograd")

    // The plain loops sum in double.
    let expected = run.plain(bias: run.bias)
    func error(_ actual: [Float], _ expected: [Float]) -> Double {
      let squares = zip(actual, expected).reduce(0.0) { $0 + ($1.0.distanced(to: Double($1.1))) }
      return (squares / Double(actual.count)).squareRoot()
    }
    let summed = plainSums(run)
    let winograd = error(run.y, expected.y), direct = error(summed, expected.y)
    #expect(winograd < 3 * direct, "root mean square: \(winograd), of plain sums \(direct)")
    #expect(error(run.dx, expected.dx) < 3 * direct)
  }

  /// The formula in float, products added one after the other.
  func plainSums(_ run: ConvolutionRun) -> [Float] {
    let test = run.test
    var y: [Float] = []
    for p in 0..<test.height {
      for q in 0..<test.width {
        for o in 0..<test.outputs {
          var sum: Float = run.bias[o]
          for r in 0..<3 where (0..<test.height).contains(p + r - 1) {
            for s in 0..<3 where (0..<test.width).contains(q + s - 1) {
              for c in 0..<test.inputs {
                sum +=
                  run.x[((p + r - 1) * test.width + q + s - 1) * test.inputs + c]
                  * run.kernel[((r * 3 + s) * test.inputs + c) * test.outputs + o]
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
