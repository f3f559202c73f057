import CKernels
import Testing

@Suite struct CombinationTests {
  // Columns that fill vectors or not, are repeated or not, and are summed in registers or not.
  static let columns = [1, 5, 12, 16, 20, 48, 52, 100, 128, 133, 1030]

  @Test(arguments: columns, [0, 1, 3, 18]) func multiply(columns: Int, repeats: Int) {
    let batch = 2, count = batch * repeats * columns
    var numbers = Numbers(seed: UInt64(columns + repeats))
    let x = numbers.array(count), dy = numbers.array(count)
    let factor = numbers.array(batch * columns)
    func factorAt(_ i: Int) -> Int { i / (repeats * columns) * columns + i % columns }

    var y = [Float](repeating: -9, count: count)
    mc_multiply(batch, repeats, columns, x, factor, &y)
    #expect(y == x.indices.map { x[$0] * factor[factorAt($0)] })
    var inPlace = x
    inPlace.withUnsafeMutableBufferPointer {
      guard let x = $0.baseAddress else { return }
      mc_multiply(batch, repeats, columns, x, factor, x)
    }
    #expect(inPlace == y)

    for adds in [false, true] {
      let before = numbers.array(count), factorBefore = numbers.array(batch * columns)
      var dx = before, dfactor = factorBefore
      mc_multiply_backward(batch, repeats, columns, dy, factor, adds, &dx)
      let slopes = dy.indices.map { i -> Double in
        (adds ? Double(before[i]) : 0) + Double(dy[i]) * Double(factor[factorAt(i)])
      }
      expectClose(dx, slopes, tolerance: 1e-6, "dx")
      mc_multiply_backward_factor(batch, repeats, columns, dy, x, adds, &dfactor)
      var sums = factorBefore.map { adds ? Double($0) : 0 }
      for i in dy.indices { sums[factorAt(i)] += Double(dy[i]) * Double(x[i]) }
      expectClose(dfactor, sums, tolerance: 2e-6, "dfactor")
    }
  }

  @Test(arguments: columns, [0, 1, 3, 18]) func copyColumns(columns: Int, gap: Int) {
    let rows = 5, width = columns + gap
    var numbers = Numbers(seed: UInt64(columns + gap))
    for adds in [false, true] {
      let narrow = numbers.array(rows * columns), wide = numbers.array(rows * width)
      var to = wide, expected = wide
      mc_copy_columns(rows, columns, narrow, columns, adds, &to, width)
      for i in narrow.indices {
        let at = i / columns * width + i % columns
        expected[at] = narrow[i] + (adds ? expected[at] : 0)
      }
      #expect(to == expected)
      to = narrow
      mc_copy_columns(rows, columns, wide, width, adds, &to, columns)
      expected = narrow.indices.map {
        wide[$0 / columns * width + $0 % columns] + (adds ? narrow[$0] : 0)
      }
      #expect(to == expected)
    }
  }

  static let rectifiers = [
    MCRectifier(), MCRectifier(rectifies: true, slope: 0, bound: .infinity),
    MCRectifier(rectifies: true, slope: 0.1, bound: .infinity),
    MCRectifier(rectifies: true, slope: 0, bound: 0.5),
  ]

  @Test(arguments: [0, 1, 15, 16, 33, 100], rectifiers.indices)
  func sum(count: Int, rectifier: Int) {
    var numbers = Numbers(seed: UInt64(count)), r = Self.rectifiers[rectifier]
    let a = numbers.array(count), b = numbers.array(count), dy = numbers.array(count)
    func rectified(_ x: Float) -> Float {
      r.rectifies ? min(x > 0 ? x : r.slope * x, r.bound) : x
    }
    var y = [Float](repeating: -9, count: count)
    mc_sum(count, &r, a, b, &y)
    #expect(y == zip(a, b).map { rectified($0 + $1) })
    let passed = zip(y, dy).map { y, dy in
      !r.rectifies || (y > 0 && y < r.bound) ? dy : y > 0 ? 0 : r.slope * dy
    }
    for adds in [false, true] {
      let left = numbers.array(count), right = numbers.array(count)
      func expected(_ before: [Float]) -> [Float] {
        zip(before, passed).map { adds ? $0 + $1 : $1 }
      }
      var da = left, db = right, alone = left
      mc_sum_backward(count, &r, y, dy, adds, &da, &db)
      mc_sum_backward(count, &r, y, dy, adds, &alone, nil)
      #expect(da == expected(left))
      #expect(db == expected(right))
      #expect(alone == expected(left))
    }
  }

  @Test func aSumThatIsNotANumberStays() {
    var r = Self.rectifiers[1]
    let a = [Float](repeating: .nan, count: 17), b = [Float](repeating: 1, count: 17)
    var y = b
    mc_sum(17, &r, a, b, &y)
    #expect(!y.contains { !$0.isNaN })
  }
}
