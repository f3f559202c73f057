import NeuralNetwork

/// Steps that move numbers, or take some of each window, and multiply them with nothing that was trained.
enum Windows {
  static func maxima(_ x: [Int32], _ window: SlidingWindow, zero: Int32) -> [Int32] {
    collect(x, window) { $0.max() ?? zero }
  }

  static func averages(
    _ x: [Int32], _ window: SlidingWindow, _ factors: [FixedPointFactor],
    _ input: QuantizationGrid, _ output: QuantizationGrid
  ) -> [Int32] {
    collect(x, window) { numbers in
      guard !numbers.isEmpty else { return output.zero }
      let factor = factors.count == 1 ? factors[0] : factors[numbers.count - 1]
      return output.cutting(factor(numbers.reduce(0) { $0 + ($1 - input.zero) }))
    }
  }

  /// Calls `body` with the numbers of the image under each window, channel by channel.
  private static func collect(
    _ x: [Int32], _ window: SlidingWindow, _ body: ([Int32]) -> Int32
  ) -> [Int32] {
    let channels = window.input.channels
    let columns = (0..<window.output.columns).map(window.columns(under:))
    var y: [Int32] = []
    y.reserveCapacity(window.output.count)
    var numbers: [Int32] = []
    for row in 0..<window.output.rows {
      let rows = window.rows(under: row)
      for column in columns {
        for channel in 0..<channels {
          numbers.removeAll(keepingCapacity: true)
          for (_, row) in rows {
            for (_, column) in column {
              numbers.append(x[(row * window.input.columns + column) * channels + channel])
            }
          }
          y.append(body(numbers))
        }
      }
    }
    return y
  }

  static func padded(
    _ x: [Int32], _ margins: Margins, _ input: Shape, _ output: Shape, zero: Int32
  ) -> [Int32] {
    var y = [Int32](repeating: zero, count: output.count)
    let width = input[1] * input[2]
    for row in 0..<input[0] {
      let start = ((row + margins.top) * output[1] + margins.left) * output[2]
      y.replaceSubrange(start..<start + width, with: x[row * width..<(row + 1) * width])
    }
    return y
  }

  static func upSampled(
    _ x: [Int32], _ size: Extent2D, _ input: Shape, _ output: Shape
  ) -> [Int32] {
    (0..<output[0]).flatMap { row in
      (0..<output[1]).flatMap { column in
        let start = (row / size.height * input[1] + column / size.width) * input[2]
        return x[start..<start + input[2]]
      }
    }
  }
}
