import CKernels
import Foundation
import Testing

/// The kernels that move pixels, against the formulas in double precision.
@Suite struct AugmentationTests {
  /// What a place between pixels shows; outside the image lies 0.
  private func bilinear(
    _ x: [Float], _ size: (height: Int, width: Int, channels: Int), _ row: Double,
    _ column: Double, _ channel: Int
  ) -> Double {
    func pixel(_ r: Int, _ c: Int) -> Double {
      guard (0..<size.height).contains(r), (0..<size.width).contains(c) else { return 0 }
      return Double(x[(r * size.width + c) * size.channels + channel])
    }
    let r = Int(row.rounded(.down)), c = Int(column.rounded(.down))
    let down = row - Double(r), right = column - Double(c)
    return (1 - down) * ((1 - right) * pixel(r, c) + right * pixel(r, c + 1))
      + down * ((1 - right) * pixel(r + 1, c) + right * pixel(r + 1, c + 1))
  }

  @Test(arguments: [1, 3], [false, true]) func warping(channels: Int, withField: Bool) {
    let (height, width) = (7, 9)
    var numbers = Numbers(seed: 3)
    let x = numbers.array(height * width * channels)
    let field = numbers.array(2 * height * width).map { 2 * $0 }
    let map: [Float] = [0.9, 0.3, -1.2, -0.2, 1.1, 0.7]
    let line = (width + 2) * channels
    var framed = [Float](repeating: 0, count: (height + 2) * line)
    for row in 0..<height {
      for i in 0..<width * channels {
        framed[(row + 1) * line + channels + i] = x[row * width * channels + i]
      }
    }
    var y = [Float](repeating: 9, count: x.count)
    if withField {
      mc_warp(height, width, channels, map, field, framed, &y)
    } else {
      mc_warp(height, width, channels, map, nil, framed, &y)
    }
    var expected: [Double] = []
    for i in 0..<height {
      for j in 0..<width {
        var row = Double(map[0]) * Double(i) + Double(map[1]) * Double(j) + Double(map[2])
        var column = Double(map[3]) * Double(i) + Double(map[4]) * Double(j) + Double(map[5])
        if withField {
          row += Double(field[i * width + j])
          column += Double(field[height * width + i * width + j])
        }
        expected += (0..<channels).map {
          bilinear(x, (height, width, channels), row, column, $0)
        }
      }
    }
    expectClose(y, expected, tolerance: 1e-5, "warped image")
  }

  @Test(arguments: [1, 2.5, 7] as [Float]) func splineFields(spacing: Float) {
    let (height, width) = (11, 8)
    let rows = Int(Float(height - 1) / spacing) + 5, columns = Int(Float(width - 1) / spacing) + 5
    var numbers = Numbers(seed: 4)
    let controls = numbers.array(rows * columns)
    var scratch = [Float](repeating: 0, count: height * columns)
    var field = [Float](repeating: 9, count: height * width)
    mc_spline_field(height, width, columns, spacing, controls, &scratch, &field)
    /// The cubic B-spline around 0, nonzero between -2 and 2.
    func spline(_ x: Double) -> Double {
      let d = abs(x)
      if d < 1 { return (4 - 6 * d * d + 3 * d * d * d) / 6 }
      return d < 2 ? pow(2 - d, 3) / 6 : 0
    }
    var expected: [Double] = []
    for i in 0..<height {
      for j in 0..<width {
        var sum = 0.0
        for r in 0..<rows {
          for c in 0..<columns {
            // Control 1 is at position 0.
            sum +=
              Double(controls[r * columns + c])
              * spline(Double(Float(i) / spacing) - Double(r - 1))
              * spline(Double(Float(j) / spacing) - Double(c - 1))
          }
        }
        expected.append(sum)
      }
    }
    expectClose(field, expected, tolerance: 1e-5, "field")
  }

  @Test func blending() {
    var numbers = Numbers(seed: 5)
    let x = numbers.array(37), y0 = numbers.array(37)
    var y = y0
    mc_blend(37, 0.3, x, &y)
    let expected = zip(x, y0).map { 0.3 * Double($0) + 0.7 * Double($1) }
    expectClose(y, expected, tolerance: 1e-6, "blend")
  }
}
