import Platform

/// A curve on one line of text: a block for each value, the higher the larger.
enum Sparkline {
  private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// At most `width` blocks, each the mean of as many values; a space where none is finite. Heights are
  /// those of the logarithms where all values are above 0, as a loss falls by factors.
  static func text(_ values: [Double], width: Int) -> String {
    let columns = min(max(width, 0), values.count)
    let means = (0..<columns).map { column in
      let range = column * values.count / columns..<(column + 1) * values.count / columns
      let known = values[range].filter(\.isFinite)
      return known.isEmpty ? Double.nan : known.reduce(0) { $0 + $1 / Double(known.count) }
    }
    let isPositive = means.allSatisfy { !$0.isFinite || $0 > 0 }
    let heights = isPositive ? means.map { log($0) } : means
    let known = heights.filter(\.isFinite)
    guard let low = known.min(), let high = known.max() else {
      return String(repeating: " ", count: columns)
    }
    return String(
      heights.map { height in
        guard height.isFinite else { return " " }
        // Halves, as the whole may not be a number.
        let share = high > low ? (height / 2 - low / 2) / (high / 2 - low / 2) : 0
        return blocks[min(Int(share * Double(blocks.count)), blocks.count - 1)]
      })
  }
}

/// The course of a loss over any number of steps, in few numbers.
struct LossCourse {
  /// The most numbers that are kept.
  private static let most = 256
  /// Means of as many steps each, oldest first.
  private(set) var means: [Double] = []
  private var steps = 1
  private var sum = 0.0
  private var count = 0

  /// Adds the loss of a step. Where the room is used up, every two means become one.
  mutating func add(_ loss: Double) {
    sum += loss
    count += 1
    guard count == steps else { return }
    means.append(sum / Double(count))
    (sum, count) = (0, 0)
    guard means.count == Self.most else { return }
    means = stride(from: 0, to: Self.most, by: 2).map { (first: Int) -> Double in
      means[first] / 2 + means[first + 1] / 2
    }
    steps *= 2
  }
}
