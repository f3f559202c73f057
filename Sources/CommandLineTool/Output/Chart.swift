import Reports
import Platform

/// A curve drawn in characters.
enum Chart {
  private static let rows = 14
  /// The width of the numbers at the left.
  private static let margin = 9

  /// The lines of a drawing: y against the logarithm of x, which is above 0.
  ///
  /// - Parameters:
  ///   - marks: values of x that get an arrow on the axis.
  ///   - width: the columns of the terminal; the drawing takes at most 80.
  static func lines(
    _ curve: [(x: Double, y: Double)], marks: [Double] = [], width: Int? = nil
  ) -> [String] {
    let columns = min(max((width ?? 80) - margin - 3, 20), 66)
    guard let first = curve.first?.x, let last = curve.last?.x, last > first else { return [] }
    func column(_ x: Double) -> Int {
      Int((log(x / first) / log(last / first) * Double(columns - 1)).rounded())
    }
    var sums = [(sum: Double, count: Int)](repeating: (0, 0), count: columns)
    for point in curve where point.y.isFinite {
      let column = column(point.x)
      sums[column].sum += point.y
      sums[column].count += 1
    }
    // The sum of finite heights may not be finite.
    let heights = sums.map { $0.count == 0 || !$0.sum.isFinite ? nil : $0.sum / Double($0.count) }
    let known = heights.compactMap { $0 }
    guard let top = known.max(), let bottom = known.min(), (top - bottom).isFinite else {
      return []
    }
    let span = max(top - bottom, 1e-12)
    var grid = [[Character]](repeating: [Character](repeating: " ", count: columns), count: rows)
    for (column, height) in heights.enumerated() {
      guard let height else { continue }
      grid[Int(((top - height) / span * Double(rows - 1)).rounded())][column] = "•"
    }
    var lines = grid.enumerated().map { row, cells in
      let height = top - span * Double(row) / Double(rows - 1)
      return "\(Format.right(Format.fixed(height, 3), margin)) │" + String(cells)
    }
    var axis = [Character](repeating: "─", count: columns)
    for mark in marks where mark >= first && mark <= last { axis[column(mark)] = "▲" }
    lines.append("\(Format.right("", margin)) └" + String(axis))
    let (left, right) = (Format.significant(first), Format.significant(last))
    lines.append(
      Format.right("", margin + 2) + left + Format.right(right, columns - left.count))
    return lines
  }
}
