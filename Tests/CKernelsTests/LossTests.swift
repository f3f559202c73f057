import CKernels
import Foundation
import Testing

@Suite struct LossTests {
  @Test(arguments: [(1, 1), (3, 10), (5, 17), (2, 40)], [false, true])
  func softmax(size: (rows: Int, columns: Int), mixes: Bool) {
    let (rows, columns) = size
    var numbers = Numbers(seed: 6)
    let x = numbers.array(rows * columns).map { $0 * 20 }, dy = numbers.array(x.count)
    let labels = (0..<rows).map { UInt8($0 * 7 % columns) }
    let others = (0..<rows).map { UInt8(($0 * 7 + $0 % 2) % columns) }
    let shares = (0..<rows).map { 1 - 0.1 * Float($0 % 5) }
    let smoothing: Float = 0.1, scale: Float = 0.5
    var y: [Double] = [], dx: [Double] = [], gradient: [Double] = [], squares: [Double] = []
    var loss = 0.0, mean = 0.0, hits = 0
    for n in 0..<rows {
      let row = x[(n * columns)..<((n + 1) * columns)].map(Double.init)
      let most = row.max() ?? 0
      let sum = row.reduce(0) { $0 + exp($1 - most) }
      let p = row.map { exp($0 - most) / sum }
      let g = dy[(n * columns)..<((n + 1) * columns)].map(Double.init)
      let inner = zip(p, g).reduce(0) { $0 + $1.0 * $1.1 }
      y += p
      dx += zip(p, g).map { $0 * ($1 - inner) }
      let label = Int(labels[n])
      let share = mixes ? Double(shares[n]) : 1
      let target = (0..<columns).map {
        let mixed = ($0 == label ? share : 0) + ($0 == Int(others[n]) ? 1 - share : 0)
        return Double(smoothing) / Double(columns) + (1 - Double(smoothing)) * mixed
      }
      loss -= zip(target, row).reduce(0) { $0 + $1.0 * ($1.1 - most - log(sum)) }
      gradient += zip(p, target).map { Double(scale) * ($0 - $1) }
      mean += zip(row, target).reduce(0) { $0 + pow($1.0 - $1.1, 2) } / Double(columns)
      squares += zip(row, target).map { Double(scale) * 2 / Double(columns) * ($0 - $1) }
      hits += row.firstIndex(of: most) == label ? 1 : 0
    }
    var out = [Float](repeating: 9, count: x.count), correct = -1
    mc_softmax_forward(rows, columns, x, &out)
    expectClose(out, y, tolerance: 2e-6, "softmax")
    mc_softmax_backward(rows, columns, y.map(Float.init), dy, &out)
    expectClose(out, dx, tolerance: 2e-6, "dx of softmax")
    func crossEntropy(_ gradient: UnsafeMutablePointer<Float>?) -> Double {
      mixes
        ? mc_softmax_cross_entropy(
          rows, columns, x, labels, others, shares, smoothing, scale, gradient, &correct)
        : mc_softmax_cross_entropy(
          rows, columns, x, labels, nil, nil, smoothing, scale, gradient, &correct)
    }
    let entropy = crossEntropy(&out)
    #expect(crossEntropy(nil) == entropy)
    #expect(abs(entropy - loss) <= 2e-6 * max(1, loss))
    #expect(correct == hits)
    expectClose(out, gradient, tolerance: 2e-6, "dlogits")
    let error =
      mixes
      ? mc_mean_squared_error(
        rows, columns, x, labels, others, shares, smoothing, scale, &out, &correct)
      : mc_mean_squared_error(
        rows, columns, x, labels, nil, nil, smoothing, scale, &out, &correct)
    #expect(abs(error - mean) <= 2e-6 * max(1, mean))
    #expect(correct == hits)
    expectClose(out, squares, tolerance: 2e-6, "dy of the squared error")
  }
}
