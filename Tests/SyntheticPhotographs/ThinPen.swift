/// Digits written with a thin pen.
public enum ThinPen {
  /// A digit of MNIST, `[28, 28]`, as lines of a width in its pixels; `[112, 112]`.
  ///
  /// Its lines are the middles of its strokes (Zhang and Suen 1984, "A fast parallel algorithm for
  /// thinning digital patterns").
  public static func written(_ digit: [UInt8], width: Float) -> [UInt8] {
    let fine = 4, size = 28 * fine
    var mask = [Bool](repeating: false, count: size * size)
    for row in 0..<size {
      for column in 0..<size { mask[row * size + column] = value(digit, row, column, fine) > 110 }
    }
    thin(&mask, size)
    // A pixel is as dark as the pen covers it.
    let radius = width * Float(fine) / 2, reach = Int(radius + 1.5)
    var result = [UInt8](repeating: 0, count: size * size)
    for row in reach..<size - reach {
      for column in reach..<size - reach where mask[row * size + column] {
        for y in -reach...reach {
          for x in -reach...reach {
            let distance = Float(y * y + x * x).squareRoot()
            let cover = UInt8(min(max(radius + 0.5 - distance, 0), 1) * 255)
            let place = (row + y) * size + column + x
            result[place] = max(result[place], cover)
          }
        }
      }
    }
    return result
  }

  private static func value(_ digit: [UInt8], _ row: Int, _ column: Int, _ fine: Int) -> Float {
    let y = (Float(row) + 0.5) / Float(fine) - 0.5, x = (Float(column) + 0.5) / Float(fine) - 0.5
    let top = min(max(Int(y), 0), 26), left = min(max(Int(x), 0), 26)
    let down = y - Float(top), right = x - Float(left)
    func at(_ row: Int, _ column: Int) -> Float { Float(digit[row * 28 + column]) }
    return (at(top, left) * (1 - right) + at(top, left + 1) * right) * (1 - down)
      + (at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right) * down
  }

  private static func thin(_ mask: inout [Bool], _ size: Int) {
    let around = [-size, 1 - size, 1, size + 1, size, size - 1, -1, -size - 1]
    var changed = true, isFirst = true
    while changed || !isFirst {
      if isFirst { changed = false }
      var gone: [Int] = []
      for row in 1..<size - 1 {
        for place in row * size + 1..<row * size + size - 1 where mask[place] {
          let next = around.map { mask[place + $0] }
          let count = next.count { $0 }
          let turns = (0..<8).count { !next[$0] && next[($0 + 1) % 8] }
          let sides =
            isFirst
            ? !(next[0] && next[2] && next[4]) && !(next[2] && next[4] && next[6])
            : !(next[0] && next[2] && next[6]) && !(next[0] && next[4] && next[6])
          if (2...6).contains(count), turns == 1, sides { gone.append(place) }
        }
      }
      for place in gone { mask[place] = false }
      changed = changed || !gone.isEmpty
      isFirst.toggle()
    }
  }
}
