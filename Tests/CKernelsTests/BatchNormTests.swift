import CKernels
import Testing

@Suite struct BatchNormTests {
  @Test(arguments: [(1, 1), (5, 3), (300, 6), (9, 16), (7, 37)])
  func agreesWithTheFormulas(rows: Int, channels: Int) {
    var numbers = Numbers(seed: 8)
    // Far from zero, where a sum of squares would lose its digits.
    let x = numbers.array(rows * channels).map { $0 + 30 }, dy = numbers.array(x.count)
    let gamma = numbers.array(channels), beta = numbers.array(channels)
    var mean = [Double](repeating: 0, count: channels), m2 = mean, sums = mean, products = mean
    for i in x.indices { mean[i % channels] += Double(x[i]) / Double(rows) }
    for i in x.indices {
      let difference = Double(x[i]) - mean[i % channels]
      m2[i % channels] += difference * difference
    }
    let rstd = m2.map { Float(1 / ($0 / Double(rows) + 1e-3).squareRoot()) }
    let average = mean.map(Float.init)
    func hat(_ i: Int) -> Double {
      (Double(x[i]) - Double(average[i % channels])) * Double(rstd[i % channels])
    }
    for i in x.indices {
      sums[i % channels] += Double(dy[i])
      products[i % channels] += Double(dy[i]) * hat(i)
    }
    var first = [Float](repeating: 9, count: channels), second = first
    var y = [Float](repeating: 9, count: x.count)
    mc_batch_norm_statistics(rows, channels, x, &first, &second)
    expectClose(first, mean, tolerance: 1e-6, "mean")
    expectClose(second, m2, tolerance: 1e-5, "m2")
    mc_batch_norm_forward(rows, channels, x, average, rstd, gamma, beta, &y)
    expectClose(
      y, x.indices.map { hat($0) * Double(gamma[$0 % channels]) + Double(beta[$0 % channels]) },
      tolerance: 2e-6, "y")
    mc_batch_norm_forward(rows, channels, x, average, rstd, nil, nil, &y)
    expectClose(y, x.indices.map(hat), tolerance: 2e-6, "y without gamma and beta")
    mc_batch_norm_backward_sums(rows, channels, x, dy, average, rstd, &first, &second)
    expectClose(first, sums, tolerance: 2e-6, "sumDy")
    expectClose(second, products, tolerance: 1e-5, "sumDyXhat")
    let total = Double(rows + 2)
    mc_batch_norm_backward(
      rows, channels, rows + 2, x, dy, average, rstd, gamma, first, second, &y)
    let dx = x.indices.map { i in
      let c = i % channels
      return Double(gamma[c]) * Double(rstd[c])
        * (Double(dy[i]) - Double(first[c]) / total - hat(i) * Double(second[c]) / total)
    }
    expectClose(y, dx, tolerance: 2e-6, "dx")
  }
}
