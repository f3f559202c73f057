extension QuantizedSum {
  /// The integers of the output for those of an input.
  ///
  /// No sum overflows (``largestSums``), so it is the same in whatever order it is added up.
  func output(_ x: [Int32], _ input: QuantizationGrid, _ output: QuantizationGrid) -> [Int32] {
    let rows = (0..<window.output.rows).map(window.rows(under:))
    let columns = (0..<window.output.columns).map(window.columns(under:))
    // What lies under the window, each minus the zero: padding is 0.
    var patch = [Int16](repeating: 0, count: window.taps)
    var y = [Int32](repeating: 0, count: window.output.count)
    var position = 0
    for row in rows {
      for column in columns {
        for group in 0..<window.groups {
          if row.count * column.count < window.kernel.height * window.kernel.width {
            for i in patch.indices { patch[i] = 0 }
          }
          fill(&patch, x, group, row, column, zero: input.zero)
          for number in 0..<window.outputsPerGroup {
            let channel = group * window.outputsPerGroup + number
            let value = factors[channel](product(patch, channel)) + Int64(output.zero)
            y[position + channel] = range.cutting(value)
          }
        }
        position += window.output.channels
      }
    }
    return y
  }

  private func fill(
    _ patch: inout [Int16], _ x: [Int32], _ group: Int, _ rows: [(tap: Int, row: Int)],
    _ columns: [(tap: Int, row: Int)], zero: Int32
  ) {
    let channels = window.channelsPerGroup, first = group * channels
    patch.withUnsafeMutableBufferPointer { patch in
      x.withUnsafeBufferPointer { x in
        for row in rows {
          for column in columns {
            let source =
              (row.row * window.input.columns + column.row) * window.input.channels + first
            let target = (row.tap * window.kernel.width + column.tap) * channels
            for c in 0..<channels {
              patch[target + c] = Int16(truncatingIfNeeded: x[source + c] &- zero)
            }
          }
        }
      }
    }
  }

  private func product(_ patch: [Int16], _ channel: Int) -> Int32 {
    let taps = patch.count
    return patch.withUnsafeBufferPointer { patch in
      wideWeights.withUnsafeBufferPointer { weights in
        var sum = bias[channel]
        for i in 0..<taps {
          sum &+= Int32(patch[i]) &* Int32(weights[channel &* taps &+ i])
        }
        return sum
      }
    }
  }
}

extension ClosedRange<Int32> {
  /// The integer of the range that is nearest.
  func cutting(_ value: Int64) -> Int32 {
    Int32(Swift.min(Swift.max(value, Int64(lowerBound)), Int64(upperBound)))
  }
}
