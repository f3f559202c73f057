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
}
