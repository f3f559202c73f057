/// A piece of connected ink.
struct InkPart {
  /// The rows and columns it reaches over.
  var rows: Range<Int>
  var columns: Range<Int>
  /// The number of its pixels, and the sum of their darkness.
  var area = 1
  var mass: Float

  /// Both in one.
  mutating func join(_ other: InkPart) {
    rows = min(rows.lowerBound, other.rows.lowerBound)..<max(rows.upperBound, other.rows.upperBound)
    columns =
      min(
        columns.lowerBound, other.columns.lowerBound)..<max(
        columns.upperBound, other.columns.upperBound)
    area += other.area
    mass += other.mass
  }

  /// The darkness of its pixels in the mean.
  var darkness: Float { mass / Float(area) }

  /// Whether it reaches an edge of a plane.
  func touchesEdge(of plane: Plane) -> Bool {
    rows.lowerBound == 0 || columns.lowerBound == 0 || rows.upperBound == plane.height
      || columns.upperBound == plane.width
  }
}

extension Plane {
  /// The pieces of pixels at or above a threshold that touch along edges or corners, in the order of
  /// their first pixels, and the number of the piece each pixel belongs to, -1 for none.
  func parts(above threshold: Float) -> (parts: [InkPart], labels: [Int32]) {
    var labels = [Int32](repeating: -1, count: values.count)
    var parts: [InkPart] = []
    var open: [Int] = []
    for start in values.indices where values[start] >= threshold && labels[start] < 0 {
      let label = Int32(parts.count)
      let (row, column) = (start / width, start % width)
      var part = InkPart(rows: row..<row + 1, columns: column..<column + 1, area: 0, mass: 0)
      labels[start] = label
      open.append(start)
      while let pixel = open.popLast() {
        let (row, column) = (pixel / width, pixel % width)
        part.join(
          InkPart(rows: row..<row + 1, columns: column..<column + 1, mass: values[pixel]))
        for y in max(0, row - 1)...min(height - 1, row + 1) {
          for x in max(0, column - 1)...min(width - 1, column + 1) {
            let neighbour = y * width + x
            if values[neighbour] >= threshold, labels[neighbour] < 0 {
              labels[neighbour] = label
              open.append(neighbour)
            }
          }
        }
      }
      parts.append(part)
    }
    return (parts, labels)
  }
}
