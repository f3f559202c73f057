/// Steps that work on each number, or on those of a position, by itself.
enum Elementwise {
  static func slopes(
    _ x: [Int32], _ input: QuantizationGrid, _ output: QuantizationGrid, above: FixedPointFactor,
    below: [FixedPointFactor]
  ) -> [Int32] {
    x.enumerated().map { i, x in
      let factor = x > input.zero ? above : below[i % below.count]
      return output.cutting(factor(x - input.zero))
    }
  }

  static func sum(
    _ inputs: [[Int32]], _ grids: [QuantizationGrid], _ factors: [FixedPointFactor],
    _ output: QuantizationGrid, _ range: ClosedRange<Int32>
  ) -> [Int32] {
    zip(inputs[0], inputs[1]).map { a, b in
      let first = Int64(a - grids[0].zero) * Int64(factors[0].multiplier)
      let second = Int64(b - grids[1].zero) * Int64(factors[1].multiplier)
      let sum = FixedPointFactor.rounded(first + second, shift: factors[0].shift)
      return range.cutting(sum + Int64(output.zero))
    }
  }

  static func product(
    _ inputs: [[Int32]], _ grids: [QuantizationGrid], _ factor: FixedPointFactor,
    _ output: QuantizationGrid
  ) -> [Int32] {
    let others = inputs[1]
    return inputs[0].enumerated().map { i, x in
      output.cutting(factor((x - grids[0].zero) * (others[i % others.count] - grids[1].zero)))
    }
  }

  static func concatenation(
    _ inputs: [[Int32]], _ grids: [QuantizationGrid], widths: [Int], _ factors: [FixedPointFactor],
    _ output: QuantizationGrid
  ) -> [Int32] {
    let positions = inputs[0].count / widths[0]
    return (0..<positions).flatMap { position in
      inputs.indices.flatMap { number in
        let start = position * widths[number]
        return inputs[number][start..<start + widths[number]].map {
          output.cutting(factors[number]($0 - grids[number].zero))
        }
      }
    }
  }

  static func softmax(
    _ x: [Int32], width: Int, _ table: [Int32], _ output: QuantizationGrid, isWide: Bool
  ) -> [Int32] {
    let bits: Int64 = isWide ? 15 : 8
    return stride(from: 0, to: x.count, by: width).flatMap { start in
      let row = x[start..<start + width]
      let largest = row.max() ?? 0
      let terms = row.map { Int64(table[Int(largest - $0)]) }
      let sum = terms.reduce(0, +)
      return terms.map { term -> Int32 in
        let share = ((term << bits) + sum / 2) / sum
        return isWide ? Int32(share) : output.cutting(share)
      }
    }
  }
}

extension QuantizationGrid {
  /// The integer that many steps above ``zero``, or the last one there is.
  func cutting(_ steps: Int64) -> Int32 { Self.integers.cutting(steps + Int64(zero)) }
}
