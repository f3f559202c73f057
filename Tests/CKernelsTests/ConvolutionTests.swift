import CKernels
import Testing

@Suite struct ConvolutionTests {
  static let cases: [ConvolutionCase] = [
    ConvolutionCase.direct, ConvolutionCase.singleChannel, ConvolutionCase.winograd,
    ConvolutionCase.winogradLarge, ConvolutionCase.taps, ConvolutionCase.winogradGroups,
    ConvolutionCase.grouped, ConvolutionCase.mixedGroups, ConvolutionCase.winogradGradient,
    ConvolutionCase.fused,
  ].flatMap { $0 }

  // Sums of at most some hundred products of numbers below 1: 3e-6 of the largest is several times
  // the rounding of float, with what Winograd's sums and differences add.
  static let tolerance = 3e-6

  // The leaky slope and the bound are such that many outputs are on either side.
  static let rectified = cases.flatMap {
    [$0.withReLU(), $0.rectified(slope: 0.3), $0.rectified(slope: 0, bound: 2)]
  }

  @Test(arguments: cases + rectified)
  func agreesWithThePlainLoops(_ test: ConvolutionCase) {
    var run = ConvolutionRun(test)
    run.run(bias: run.bias)
    let expected = run.plain(bias: run.bias)
    // The sums are larger than what a bound leaves of them.
    let isBounded = test.rectifier.rectifies && test.rectifier.bound < .infinity
    expectClose(
      run.y, expected.y, tolerance: (isBounded ? 8 : 1) * Self.tolerance, "y")
    if test.pool != nil {
      let wrong = run.argmax.indices.first {
        // Where all is masked, the position does not matter.
        run.argmax[$0] != expected.argmax[$0]
          && !(test.rectifier.rectifies && (run.y[$0] == 0 || run.y[$0] == test.rectifier.bound))
      }
      #expect(wrong == nil, "argmax")
    }
    expectClose(run.dx, expected.dx, tolerance: Self.tolerance, "dx")
    expectClose(run.dkernel, expected.dkernel, tolerance: Self.tolerance, "dkernel")
    expectClose(run.dbias, expected.dbias, tolerance: Self.tolerance, "dbias")
  }

  @Test(arguments: cases) func worksWithoutBias(_ test: ConvolutionCase) {
    var run = ConvolutionRun(test)
    run.run()
    expectClose(run.y, run.plain().y, tolerance: Self.tolerance, "y")
  }

  @Test(arguments: (cases + cases.map { $0.withReLU() }).filter { $0.batch > 0 })
  func rowsDoNotDependOnTheCut(_ test: ConvolutionCase) {
    var whole = ConvolutionRun(test)
    whole.run(bias: whole.bias)
    var c = test.convolution
    for pieces in 1...3 {
      let rows = pieces * mc_conv2d_row_step(&c)
      var cut = ConvolutionRun(test)
      cut.run(rows: rows, bias: cut.bias)
      // Not compared in the macro, which would print whole arrays.
      let same = cut.y == whole.y && cut.argmax == whole.argmax
      #expect(same, "\(rows) rows at once")
    }
  }

  @Test(arguments: cases.filter { $0.batch > 1 })
  func imageDoesNotDependOnItsBatch(_ test: ConvolutionCase) {
    var all = ConvolutionRun(test)
    all.run(bias: all.bias)
    var c = test.convolution
    var prepared = [Float](repeating: 0, count: mc_conv2d_prepared_count(&c))
    var scratch = [Float](repeating: 0, count: mc_conv2d_scratch_count(&c))
    mc_conv2d_prepare(&c, all.kernel, &prepared)
    let inputs = all.x.count / test.batch, outputs = all.y.count / test.batch
    var y = [Float](repeating: .nan, count: outputs), argmax = [UInt8](repeating: 0, count: outputs)
    mc_conv2d_forward(
      &c, 1, 0, test.output.rows, Array(all.x.suffix(inputs)), prepared, all.bias, &y, &argmax,
      &scratch)
    let same = y == Array(all.y.suffix(outputs))
    #expect(same)
  }

  @Test(arguments: cases.filter { $0.batch > 0 })
  func gradientOfTheKernelDoesNotNeedTheInputs(_ test: ConvolutionCase) {
    var run = ConvolutionRun(test)
    run.run(bias: run.bias)
    var c = test.convolution
    var prepared = [Float](repeating: 0, count: mc_conv2d_prepared_count(&c))
    var scratch = [Float](repeating: 0, count: mc_conv2d_scratch_count(&c))
    mc_conv2d_prepare(&c, run.kernel, &prepared)
    var dkernel = [Float](repeating: 1, count: run.dkernel.count)
    mc_conv2d_backward(
      &c, test.batch, run.x, run.y, run.dy, run.argmax, prepared, &dkernel, nil, nil, &scratch)
    let same = dkernel == run.dkernel
    #expect(same)
  }

  // NaN must reach the loss, where training stops with a message.
  @Test(arguments: cases.filter { $0.batch > 0 }.map { $0.withReLU() })
  func showsNotANumber(_ test: ConvolutionCase) {
    guard !ConvolutionRun(test).y.isEmpty else { return }
    var run = ConvolutionRun(test)
    run.run(bias: run.bias.map { _ in .nan })
    let all = run.y.allSatisfy { $0.isNaN }
    #expect(all)
  }

  @Test(arguments: [
    (ConvolutionCase.direct, "direct"), (ConvolutionCase.singleChannel, "single-channel"),
    (ConvolutionCase.winograd, "winograd"), (ConvolutionCase.winogradLarge, "winograd"),
    (ConvolutionCase.winogradGroups, "winograd"),
    (ConvolutionCase.grouped, "grouped"),
  ])
  func followsTheRules(cases: [ConvolutionCase], path: String) {
    func expect(_ actual: UnsafePointer<CChar>?, _ path: String, _ test: ConvolutionCase) {
      #expect(actual.map { String(cString: $0) } == (usesPlainLoops ? "plain" : path), "\(test)")
    }
    for test in cases {
      var c = test.convolution
      expect(mc_conv2d_forward_path(&c), path, test)
      // The gradient of few inputs is a convolution of few outputs.
      expect(mc_conv2d_backward_path(&c), path == "single-channel" ? "direct" : path, test)
    }
    for test in ConvolutionCase.windows {
      var c = test.convolution
      expect(mc_conv2d_forward_path(&c), "direct", test)
    }
    for test in ConvolutionCase.fused {
      var c = test.convolution
      #expect(mc_conv2d_can_pool(&c), "\(test)")
      expect(mc_conv2d_backward_path(&c), "sparse", test)
    }
  }

  @Test func followsTheRulesForTheGradientOfTheKernel() {
    func expect(_ test: ConvolutionCase, _ path: String) {
      var c = test.convolution
      let actual = mc_conv2d_gradient_path(&c).map { String(cString: $0) }
      #expect(actual == (usesPlainLoops ? "plain" : path), "\(test)")
    }
    for test in ConvolutionCase.winogradGradient { expect(test, "winograd") }
    for test in ConvolutionCase.fused { expect(test, "sparse") }
    for test in ConvolutionCase.grouped { expect(test, "grouped") }
    let whole = ConvolutionCase(height: 14, width: 14, inputs: 16, outputs: 16)
    func changed(_ change: (inout ConvolutionCase) -> Void) -> ConvolutionCase {
      var result = whole
      change(&result)
      return result
    }
    expect(whole, "winograd")
    expect(changed { $0.inputs = 15 }, "direct")
    expect(changed { $0.outputs = 15 }, "direct")
    expect(changed { $0.inputs = 257 }, "direct")
    expect(changed { $0.stride = (1, 2) }, "direct")
    expect(changed { $0.dilation = (2, 1) }, "direct")
    expect(changed { $0.kernel = (3, 2) }, "direct")
    expect(changed { $0.groups = 2 }, "winograd")
    expect(changed { $0.groups = 4 }, "grouped")
    // Tiles of 4 for 5 outputs.
    expect(ConvolutionCase(height: 7, width: 7, inputs: 16, outputs: 16), "direct")
    for test in ConvolutionCase.taps { expect(test, "taps") }
    let first = ConvolutionCase(inputs: 1, outputs: 16)
    expect(first, "taps")
    expect(ConvolutionCase(inputs: 1, outputs: 9), "taps")
    expect(ConvolutionCase(inputs: 1, outputs: 8), "direct")
    expect(ConvolutionCase(inputs: 2, outputs: 16), "direct")
    expect(ConvolutionCase(inputs: 1, outputs: 16, kernel: (5, 3)), "taps")
    expect(ConvolutionCase(inputs: 1, outputs: 16, kernel: (3, 4)), "direct")
    expect(ConvolutionCase(inputs: 1, outputs: 16, dilation: (1, 2)), "direct")
  }

  @Test func refusesPoolingThatItCannotCompute() {
    let whole = ConvolutionCase(height: 12, width: 12)
    func canPool(_ test: ConvolutionCase, _ change: (inout MCWindow) -> Void = { _ in }) -> Bool {
      var c = test.convolution
      change(&c.pool)
      return mc_conv2d_can_pool(&c)
    }
    #expect(canPool(whole.pooled()))
    #expect(!canPool(whole.pooled((3, 3), stride: (2, 2))), "windows that overlap")
    #expect(!canPool(whole.pooled((1, 2))), "too few positions to be sparse")
    #expect(!canPool(whole.pooled()) { $0.padTop = 1 }, "padding")
    #expect(!canPool(ConvolutionCase(height: 12, width: 12, dilation: (2, 2)).pooled()), "dilation")
    #expect(!canPool(ConvolutionCase(inputs: 4, outputs: 4, groups: 2).pooled()), "groups")
    #expect(
      !canPool(ConvolutionCase(height: 40, width: 40).pooled((17, 2))), "more than 16 rows")
  }
}
