import CKernels
import Foundation
import Testing

/// The losses against their formulas in double precision.
@Suite struct LossTests {
  /// Outputs and targets of some rows, the targets distributions with a largest element each.
  private struct Case {
    let rows: Int, columns: Int
    let x: [Float], targets: [Float], dy: [Float]

    init(_ size: (rows: Int, columns: Int), isOneHot: Bool) {
      (rows, columns) = size
      var numbers = Numbers(seed: 6)
      x = numbers.array(rows * columns).map { $0 * 20 }
      dy = numbers.array(rows * columns)
      var targets = [Float](repeating: 0, count: rows * columns)
      for n in 0..<rows {
        let share: Float = isOneHot ? 1 : 0.9 - 0.1 * Float(n % 4)
        for j in 0..<columns { targets[n * columns + j] = (1 - share) / Float(columns) }
        targets[n * columns + n * 7 % columns] += share
      }
      self.targets = targets
    }

    /// The rows of some numbers.
    func split(_ values: [Float]) -> [[Double]] {
      (0..<rows).map { values[($0 * columns)..<(($0 + 1) * columns)].map(Double.init) }
    }

    /// The sum of a loss over the rows, and the gradient of each output.
    typealias Reference = (loss: Double, gradient: [Double])

    func sum(_ row: (_ x: [Double], _ target: [Double]) -> Reference) -> Reference {
      zip(split(x), split(targets)).map(row).reduce((0, [])) {
        ($0.0 + $1.loss, $0.1 + $1.gradient)
      }
    }

    /// The mean over the outputs of a function of output and target.
    func mean(
      _ value: (Double, Double) -> Double, slope: (Double, Double) -> Double
    ) -> Reference {
      let outputs = Double(columns)
      return sum { x, target in
        (
          zip(x, target).reduce(0) { $0 + value($1.0, $1.1) } / outputs,
          zip(x, target).map { slope($0, $1) / outputs }
        )
      }
    }

    func compare(
      _ name: String, _ expected: Reference,
      _ loss: (_ scale: Float, UnsafeMutablePointer<Float>?) -> Double
    ) {
      let scale: Float = 0.5
      var gradient = [Float](repeating: 9, count: x.count)
      let found = loss(scale, &gradient)
      #expect(loss(scale, nil) == found)
      #expect(abs(found - expected.loss) <= 2e-6 * max(1, abs(expected.loss)), "\(name)")
      expectClose(
        gradient, expected.gradient.map { $0 * Double(scale) }, tolerance: 2e-6, "dx of \(name)")
    }
  }

  private static let sizes = [(1, 1), (3, 10), (5, 17), (2, 40), (2, 600)]

  private func softmax(_ row: [Double]) -> [Double] {
    let most = row.max() ?? 0
    let sum = row.reduce(0) { $0 + exp($1 - most) }
    return row.map { exp($0 - most) / sum }
  }

  @Test(arguments: sizes) func softmax(size: (rows: Int, columns: Int)) {
    let one = Case(size, isOneHot: true)
    var y: [Double] = [], dx: [Double] = []
    for (row, dy) in zip(one.split(one.x), one.split(one.dy)) {
      let p = softmax(row)
      let inner = zip(p, dy).reduce(0) { $0 + $1.0 * $1.1 }
      y += p
      dx += zip(p, dy).map { $0 * ($1 - inner) }
    }
    var out = [Float](repeating: 9, count: one.x.count)
    mc_softmax_forward(one.rows, one.columns, one.x, &out)
    expectClose(out, y, tolerance: 2e-6, "softmax")
    mc_softmax_backward(one.rows, one.columns, y.map(Float.init), one.dy, &out)
    expectClose(out, dx, tolerance: 2e-6, "dx of softmax")
  }

  @Test(arguments: sizes, [true, false])
  func crossEntropies(size: (rows: Int, columns: Int), isOneHot: Bool) {
    let one = Case(size, isOneHot: isOneHot)
    let (rows, columns) = size
    let soft = one.sum { x, target in
      let p = softmax(x), most = x.max() ?? 0
      let total = log(x.reduce(0) { $0 + exp($1 - most) })
      let loss = zip(target, x).reduce(0) { $0 - $1.0 * ($1.1 - most - total) }
      return (loss, zip(p, target).map { $0 - $1 })
    }
    one.compare("the cross-entropy", soft) {
      mc_softmax_cross_entropy(rows, columns, one.x, one.targets, $0, $1)
    }
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    let binary = one.mean(
      { x, t in max(x, 0) - x * t + log1p(exp(-abs(x))) }, slope: { sigmoid($0) - $1 })
    one.compare("the binary cross-entropy", binary) {
      mc_sigmoid_cross_entropy(rows, columns, one.x, one.targets, $0, $1)
    }
  }

  @Test(arguments: sizes, [true, false])
  func differences(size: (rows: Int, columns: Int), isOneHot: Bool) {
    let one = Case(size, isOneHot: isOneHot)
    let (rows, columns) = size
    let squared = one.mean({ ($0 - $1) * ($0 - $1) }, slope: { 2 * ($0 - $1) })
    one.compare("the squared error", squared) {
      mc_mean_squared_error(rows, columns, one.x, one.targets, $0, $1)
    }
    let absolute = one.mean({ abs($0 - $1) }, slope: { $0 > $1 ? 1 : $0 < $1 ? -1 : 0 })
    one.compare("the absolute error", absolute) {
      mc_mean_absolute_error(rows, columns, one.x, one.targets, $0, $1)
    }
    for delta in [0.5, 3] {
      let huber = one.mean(
        {
          let d = abs($0 - $1)
          return d <= delta ? d * d / 2 : delta * (d - delta / 2)
        }, slope: { min(max($0 - $1, -delta), delta) })
      one.compare("Huber's loss", huber) {
        mc_huber(rows, columns, Float(delta), one.x, one.targets, $0, $1)
      }
    }
  }

  @Test func whatIsNoNumberShows() {
    let x: [Float] = [1, .nan, 2], targets: [Float] = [0, 0, 1]
    #expect(mc_softmax_cross_entropy(1, 3, x, targets, 1, nil).isNaN)
    #expect(mc_sigmoid_cross_entropy(1, 3, x, targets, 1, nil).isNaN)
    #expect(mc_mean_squared_error(1, 3, x, targets, 1, nil).isNaN)
    #expect(mc_mean_absolute_error(1, 3, x, targets, 1, nil).isNaN)
    #expect(mc_huber(1, 3, 1, x, targets, 1, nil).isNaN)
  }

  @Test func theFirstLargestOutputCounts() {
    let outputs: [[Float]] = [[1, 1, 0], [0, 2, 2], [-1, -2, -3], [0, 0, 0]]
    let targets: [[Float]] = [[1, 0, 0], [0, 0, 1], [0.5, 0.25, 0.25], [1, 0, 0]]
    #expect(mc_count_correct(4, 3, outputs.flatMap { $0 }, targets.flatMap { $0 }) == 3)
  }
}
