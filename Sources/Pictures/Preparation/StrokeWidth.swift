extension Plane {
  /// The distance in pixels of each pixel at or above a threshold from the nearest one that is not, in
  /// steps of 1 and √2; beyond the edges there is nothing.
  func depths(above threshold: Float) -> Plane {
    let diagonal = Float(2).squareRoot()
    var result = map { $0 >= threshold ? Float.infinity : 0 }
    func relax(_ row: Int, _ column: Int, _ from: [(Int, Int, Float)]) {
      guard result[row, column] > 0 else { return }
      var least = result[row, column]
      for (down, right, step) in from {
        let (y, x) = (row + down, column + right)
        let isInside = y >= 0 && y < height && x >= 0 && x < width
        least = min(least, (isInside ? result[y, x] : 0) + step)
      }
      result[row, column] = least
    }
    let before: [(Int, Int, Float)] = [
      (-1, -1, diagonal), (-1, 0, 1), (-1, 1, diagonal), (0, -1, 1),
    ]
    let after = before.map { (-$0, -$1, $2) }
    for row in 0..<height { for column in 0..<width { relax(row, column, before) } }
    for row in (0..<height).reversed() {
      for column in (0..<width).reversed() { relax(row, column, after) }
    }
    return result
  }

  /// The mean width in pixels of strokes at or above a threshold, 0 without any: in a strip the depths
  /// rise from ½ at both edges to half its width in the middle, a quarter of the width in the mean.
  func strokeWidth(above threshold: Float) -> Float {
    var sum: Float = 0, count: Float = 0
    for depth in depths(above: threshold).values where depth > 0 {
      sum += depth - 0.5
      count += 1
    }
    return count > 0 ? 4 * sum / count : 0
  }
}
