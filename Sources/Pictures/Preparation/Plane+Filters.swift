extension Plane {
  /// The largest value within `radius` pixels in each direction, by van Herk's method: some three
  /// comparisons a pixel for any radius (van Herk 1992, "A fast algorithm for local minimum and
  /// maximum filters on rectangular and octagonal kernels").
  func maximum(radius: Int) -> Plane {
    rowMaximum(radius).transposed().rowMaximum(radius).transposed()
  }

  /// The smallest value within `radius` pixels in each direction.
  func minimum(radius: Int) -> Plane { map { -$0 }.maximum(radius: radius).map { -$0 } }

  private func rowMaximum(_ radius: Int) -> Plane {
    guard radius > 0 else { return self }
    let span = 2 * radius + 1
    let padded = (width + 2 * radius + span - 1) / span * span
    let nothing = [Float](repeating: -.infinity, count: padded)
    var (line, forwards, backwards) = (nothing, nothing, nothing)
    let changed = [Float](unsafeUninitializedCapacity: values.count) { result, count in
      for start in stride(from: 0, to: values.count, by: width) {
        for column in 0..<width { line[radius + column] = values[start + column] }
        var block = 0
        while block < padded {
          forwards[block] = line[block]
          for i in block + 1..<block + span { forwards[i] = max(forwards[i - 1], line[i]) }
          backwards[block + span - 1] = line[block + span - 1]
          for i in (block..<block + span - 1).reversed() {
            backwards[i] = max(backwards[i + 1], line[i])
          }
          block += span
        }
        for column in 0..<width {
          result[start + column] = max(backwards[column], forwards[column + span - 1])
        }
      }
      count = values.count
    }
    return Plane(height: height, width: width, values: changed)
  }

  /// The sums over `2 · radius + 1` pixels of each row; there is nothing beyond its ends.
  private func rowSums(_ radius: Int) -> Plane {
    let changed = [Float](unsafeUninitializedCapacity: values.count) { result, count in
      values.withUnsafeBufferPointer { values in
        for start in stride(from: 0, to: values.count, by: width) {
          var sum: Float = 0
          for column in 0..<min(radius, width) { sum += values[start + column] }
          for column in 0..<width {
            if column + radius < width { sum += values[start + column + radius] }
            if column > radius { sum -= values[start + column - radius - 1] }
            result[start + column] = sum
          }
        }
      }
      count = values.count
    }
    return Plane(height: height, width: width, values: changed)
  }

  /// Close to the Gaussian of this deviation in pixels, as three box filters, up to a factor; there is
  /// nothing beyond the edges.
  func blurredSums(deviation: Float) -> Plane {
    let radius = max(1, Int((deviation * deviation + 0.25).squareRoot().rounded()))
    var result = self
    for _ in 0..<3 { result = result.rowSums(radius) }
    result = result.transposed()
    for _ in 0..<3 { result = result.rowSums(radius) }
    let scale = 1 / Float((2 * radius + 1) * (2 * radius + 1))
    return result.transposed().map { $0 * scale * scale * scale }
  }
}
