import CKernels
import Testing

@Suite struct BatchNormTests {
  /// A normalization by numbers of any kind, and what its formulas say.
  final class Case {
    let rows: Int, channels: Int
    let x: [Float], dy: [Float], gamma: [Float], beta: [Float], mean: [Float], rstd: [Float]
    let slope: Float, bound: Float
    let isAffine: Bool
    /// The form the loops take. Valid while the case lives.
    let form: UnsafeMutablePointer<MCBatchNorm>
    private let memory: [UnsafeMutablePointer<Float>]

    /// - Parameter offset: added to every x, as sums of squares far from zero would lose their digits.
    init(
      rows: Int, channels: Int, dyCount: Int? = nil, slope: Float,
      bound: Float = .infinity, isAffine: Bool, offset: Float = 0
    ) {
      var numbers = Numbers(seed: 8)
      (self.rows, self.channels, self.isAffine) = (rows, channels, isAffine)
      (self.slope, self.bound) = (slope, bound)
      x = numbers.array(rows * channels).map { $0 + offset }
      dy = numbers.array(dyCount ?? rows * channels)
      (gamma, beta) = (numbers.array(channels), numbers.array(channels))
      mean = numbers.array(channels).map { $0 / 8 + offset }
      rstd = numbers.array(channels).map { $0 / 2 + 1 }
      memory = [mean, rstd, gamma, beta].map { values in
        let copy = UnsafeMutablePointer<Float>.allocate(capacity: channels)
        copy.initialize(from: values, count: channels)
        return copy
      }
      form = .allocate(capacity: 1)
      form.initialize(
        to: MCBatchNorm(
          channels: channels, mean: memory[0], rstd: memory[1],
          gamma: isAffine ? memory[2] : nil, beta: isAffine ? memory[3] : nil,
          rectifier: MCRectifier(rectifies: slope != 1, slope: slope, bound: bound)))
    }

    deinit {
      form.deallocate()
      for copy in memory { copy.deallocate() }
    }

    func hat(_ i: Int) -> Double {
      (Double(x[i]) - Double(mean[i % channels])) * Double(rstd[i % channels])
    }
    /// Before the ReLU.
    func value(_ i: Int) -> Double {
      isAffine ? hat(i) * Double(gamma[i % channels]) + Double(beta[i % channels]) : hat(i)
    }
    func output(_ i: Int) -> Double {
      min(value(i) > 0 ? value(i) : Double(slope) * value(i), Double(bound))
    }
    /// What the ReLU lets through of a gradient of output i.
    func passed(_ gradient: Float, _ i: Int) -> Double {
      if value(i) >= Double(bound) { return 0 }
      return value(i) > 0 ? Double(gradient) : Double(slope) * Double(gradient)
    }
    /// The gradient of input i, of which `passed` is what reaches the normalization's output.
    func inputGradient(_ i: Int, _ passed: Double, _ sums: ([Float], [Float]), total: Int) -> Double
    {
      let c = i % channels
      let factor = (isAffine ? Double(gamma[c]) : 1) * Double(rstd[c])
      return factor
        * (passed - Double(sums.0[c]) / Double(total) - hat(i) * Double(sums.1[c]) / Double(total))
    }
  }

  // Fewer channels than a vector has lanes, with rows that fill lines of sixteen and that do not; whole
  // vectors; a rest; rows enough for several blocks.
  static let sizes = [
    (1, 1), (5, 3), (300, 6), (16, 8), (33, 15), (9, 16), (7, 37), (1000, 20), (200, 40), (3, 300),
  ]

  @Test(arguments: sizes) func statisticsAgreeWithTheFormulas(rows: Int, channels: Int) {
    var numbers = Numbers(seed: 8)
    // Far from zero, where a sum of squares would lose its digits.
    let x = numbers.array(rows * channels).map { $0 + 30 }
    var mean = [Double](repeating: 0, count: channels), m2 = mean
    for i in x.indices { mean[i % channels] += Double(x[i]) / Double(rows) }
    for i in x.indices {
      let difference = Double(x[i]) - mean[i % channels]
      m2[i % channels] += difference * difference
    }
    var first = [Float](repeating: 9, count: channels), second = first
    mc_batch_norm_statistics(rows, channels, x, &first, &second)
    expectClose(first, mean, tolerance: 1e-6, "mean")
    expectClose(second, m2, tolerance: 1e-5, "m2")
  }

  // The last one is bounded, as ReLU6 is.
  @Test(
    arguments: sizes,
    [(1, .infinity), (0, .infinity), (0.3, .infinity), (0, 0.5)] as [(Float, Float)])
  func passesAgreeWithTheFormulas(size: (Int, Int), rectifier: (Float, Float)) {
    let (rows, channels) = size
    for isAffine in [true, false] {
      let test = Case(
        rows: rows, channels: channels, slope: rectifier.0, bound: rectifier.1,
        isAffine: isAffine, offset: 30)
      var y = [Float](repeating: 9, count: test.x.count)
      var sums = [Double](repeating: 0, count: channels), products = sums
      for i in y.indices {
        sums[i % channels] += test.passed(test.dy[i], i)
        products[i % channels] += test.passed(test.dy[i], i) * test.hat(i)
      }
      var first = [Float](repeating: 9, count: channels), second = first
      mc_batch_norm_forward(test.form, rows, test.x, &y)
      expectClose(y, y.indices.map(test.output), tolerance: 2e-6, "y")
      mc_batch_norm_backward_sums(test.form, rows, test.x, test.dy, &first, &second)
      expectClose(first, sums, tolerance: 2e-6, "sumDy")
      expectClose(second, products, tolerance: 1e-5, "sumDyXhat")
      mc_batch_norm_backward(test.form, rows, rows + 2, test.x, test.dy, first, second, &y)
      withExtendedLifetime(test) {}
      let dx = y.indices.map {
        test.inputGradient($0, test.passed(test.dy[$0], $0), (first, second), total: rows + 2)
      }
      expectClose(y, dx, tolerance: 2e-6, "dx")
    }
  }

  // Windows that tile the image, leave a rest, lie apart, are all of it.
  static let windows: [MCWindow] = [1, 3, 8, 16, 19, 24, 40].flatMap { (c: Int32) -> [MCWindow] in
    func window(
      _ size: (Int32, Int32), _ kernel: (Int32, Int32), _ stride: (Int32, Int32),
      _ out: (Int32, Int32)
    ) -> MCWindow {
      PoolingTests.window(size, channels: c, kernel: kernel, stride: stride, out: out)
    }
    return [
      window((6, 8), (2, 2), (2, 2), (3, 4)), window((7, 5), (2, 2), (2, 2), (3, 2)),
      window((9, 7), (3, 2), (3, 3), (3, 2)), window((8, 9), (2, 2), (3, 4), (3, 2)),
      window((4, 4), (4, 4), (4, 4), (1, 1)), window((3, 5), (1, 1), (2, 2), (2, 3)),
    ]
  }

  @Test(arguments: windows.indices, [0, 1, 3])
  func poolingAgreesWithThatOfTheSameOutputs(index: Int, batch: Int) {
    var w = Self.windows[index]
    #expect(mc_batch_norm_can_pool(&w))
    let channels = Int(w.inChannels), rows = batch * Int(w.inHeight * w.inWidth)
    let outputs = batch * Int(w.outHeight * w.outWidth) * channels
    for (slope, isAffine) in [(1, true), (0, true), (0, false), (0.3, true)] as [(Float, Bool)] {
      let test = Case(
        rows: rows, channels: channels, dyCount: outputs, slope: slope, isAffine: isAffine)
      var all = [Float](repeating: 9, count: test.x.count), dx = all, routed = all
      var pooled = [Float](repeating: 9, count: outputs), y = pooled, largest = pooled
      var positions = [UInt8](repeating: 99, count: outputs), argmax = positions
      var sums = [Float](repeating: 9, count: channels), products = sums
      // A ReLU makes many equal, so the position is that of the largest before it.
      let values = Case(
        rows: rows, channels: channels, dyCount: outputs, slope: slope == 0 ? 1 : slope,
        isAffine: isAffine)
      mc_batch_norm_forward(values.form, rows, test.x, &all)
      mc_max_pool2d_forward_plain(&w, batch, all, &pooled, &positions)
      mc_batch_norm_pool_forward(test.form, &w, batch, test.x, &largest, &y, &argmax)
      #expect(y == pooled.map { slope == 0 ? max(0, $0) : $0 } && argmax == positions)
      mc_batch_norm_pool_forward(test.form, &w, batch, test.x, nil, &pooled, nil)
      #expect(pooled == y)
      mc_max_pool2d_backward_plain(&w, batch, test.dy, positions, &routed)
      mc_batch_norm_backward_sums(
        test.form, outputs / channels, largest, test.dy, &sums, &products)
      mc_batch_norm_pool_backward(
        test.form, &w, batch, rows + 1, test.x, largest, test.dy, argmax, sums, products, &dx)
      withExtendedLifetime((test, values)) {}
      var exact = [Double](repeating: 0, count: channels)
      for i in routed.indices { exact[i % channels] += test.passed(routed[i], i) }
      expectClose(sums, exact, tolerance: 2e-6, "sumDy")
      expectClose(
        dx,
        dx.indices.map {
          test.inputGradient($0, test.passed(routed[$0], $0), (sums, products), total: rows + 1)
        }, tolerance: 3e-6, "dx")
    }
  }

  @Test func overlappingWindowsAndPaddingAreLeftToThePooling() {
    var overlapping = PoolingTests.window(
      (7, 7), channels: 3, kernel: (3, 3), stride: (2, 2), out: (3, 3))
    var padded = PoolingTests.window(
      (4, 4), channels: 3, kernel: (2, 2), stride: (2, 2), padding: (1, 1), out: (3, 3))
    var large = PoolingTests.window(
      (17, 17), channels: 3, kernel: (17, 17), stride: (17, 17), out: (1, 1))
    #expect(!mc_batch_norm_can_pool(&overlapping))
    #expect(!mc_batch_norm_can_pool(&padded))
    #expect(!mc_batch_norm_can_pool(&large))
  }
}
