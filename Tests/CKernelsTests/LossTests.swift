import CKernels
import Foundation
import Testing

@Suite struct LossTests {
  @Test(arguments: [(1, 1), (3, 10), (5, 17), (2, 40)]) func softmax(rows: Int, columns: Int) {
    var numbers = Numbers(seed: 6)
    let x = numbers.array(rows * columns).map { $0 * 20 }, dy = numbers.array(x.count)
    let labels = (0..<rows).map { UInt8($0 * 7 % columns) }
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
      let target = (0..<columns).map {
        Double(smoothing) / Double(columns) + ($0 == label ? 1 - Double(smoothing) : 0)
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
    let entropy = mc_softmax_cross_entropy(
      rows, columns, x, labels, smoothing, scale, &out, &correct)
    #expect(abs(entropy - loss) <= 2e-6 * max(1, loss))
    #expect(correct == hits)
    expectClose(out, gradient, tolerance: 2e-6, "dlogits")
    let error = mc_mean_squared_error(rows, columns, x, labels, smoothing, scale, &out, &correct)
    #expect(abs(error - mean) <= 2e-6 * max(1, mean))
    #expect(correct == hits)
    expectClose(out, squares, tolerance: 2e-6, "dy of the squared error")
    #expect(
      mc_softmax_cross_entropy(rows, columns, x, labels, smoothing, scale, nil, nil) == entropy)
  }
}
