/// One number for each pixel, in rows: what preparation computes on.
struct Plane {
  let height: Int
  let width: Int
  /// `[height, width]`.
  var values: [Float]

  init(height: Int, width: Int, values: [Float]) {
    precondition(values.count == height * width)
    (self.height, self.width, self.values) = (height, width, values)
  }

  init(height: Int, width: Int, repeating value: Float) {
    self.init(
      height: height, width: width, values: [Float](repeating: value, count: height * width))
  }

  /// One channel of a picture, or its brightness (ITU-R BT.601), from 0 to 1.
  init(_ picture: Picture, channel: Int? = nil) {
    let channels = picture.channels
    let values = [Float](unsafeUninitializedCapacity: picture.height * picture.width) {
      buffer, count in
      picture.pixels.withUnsafeBufferPointer { pixels in
        for pixel in 0..<buffer.count {
          let start = pixel * channels
          buffer[pixel] =
            if channels == 1 {
              Float(pixels[start]) / 255
            } else if let channel {
              Float(pixels[start + channel]) / 255
            } else {
              (0.299 * Float(pixels[start]) + 0.587 * Float(pixels[start + 1])
                + 0.114 * Float(pixels[start + 2])) / 255
            }
        }
      }
      count = buffer.count
    }
    self.init(height: picture.height, width: picture.width, values: values)
  }

  subscript(row: Int, column: Int) -> Float {
    get { values[row * width + column] }
    set { values[row * width + column] = newValue }
  }

  /// The longer edge.
  var edge: Int { max(height, width) }

  func map(_ change: (Float) -> Float) -> Plane {
    Plane(height: height, width: width, values: values.map(change))
  }

  /// The values of two planes of one size combined.
  func combined(with other: Plane, _ combine: (Float, Float) -> Float) -> Plane {
    precondition(other.height == height && other.width == width)
    return Plane(height: height, width: width, values: zip(values, other.values).map(combine))
  }

  /// With a margin in which the picture goes on as it is before its edges: what is as far within is as
  /// much lighter as what is beyond is darker.
  func continued(by margin: Int) -> Plane {
    func mirrored(_ place: Int, _ limit: Int) -> (edge: Int, place: Int) {
      if place < 0 { return (0, min(-place, limit - 1)) }
      if place >= limit { return (limit - 1, max(2 * (limit - 1) - place, 0)) }
      return (place, place)
    }
    var result = Plane(height: height + 2 * margin, width: width + 2 * margin, repeating: 0)
    for row in 0..<result.height {
      let (top, y) = mirrored(row - margin, height)
      for column in 0..<result.width {
        let (left, x) = mirrored(column - margin, width)
        result[row, column] =
          (top, left) == (y, x) ? self[y, x] : 2 * self[top, left] - self[y, x]
      }
    }
    return result
  }

  /// Without so many pixels all round.
  func cropped(by margin: Int) -> Plane {
    var result = Plane(height: height - 2 * margin, width: width - 2 * margin, repeating: 0)
    for row in 0..<result.height {
      for column in 0..<result.width {
        result[row, column] = self[row + margin, column + margin]
      }
    }
    return result
  }

  /// Columns for rows.
  func transposed() -> Plane {
    let changed = [Float](unsafeUninitializedCapacity: values.count) { result, count in
      for row in 0..<height {
        for column in 0..<width { result[column * height + row] = values[row * width + column] }
      }
      count = values.count
    }
    return Plane(height: width, width: height, values: changed)
  }

  /// The same picture with no edge over `edge`, averaged; as it is where it is small enough.
  func reduced(to edge: Int) -> Plane {
    guard self.edge > edge else { return self }
    let scale = Double(edge) / Double(self.edge)
    return resampled(
      Window(whole: self), height: max(1, Int((Double(height) * scale).rounded())),
      width: max(1, Int((Double(width) * scale).rounded())))
  }
}

/// A rectangle in a plane, in pixels from its top left corner; it may reach beyond the plane.
struct Window {
  var top: Double
  var left: Double
  var bottom: Double
  var right: Double

  init(top: Double, left: Double, bottom: Double, right: Double) {
    (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
  }

  /// All of a plane.
  init(whole plane: Plane) {
    self.init(top: 0, left: 0, bottom: Double(plane.height), right: Double(plane.width))
  }

  var height: Double { bottom - top }
  var width: Double { right - left }

  /// The same rectangle where columns and rows are so many times as long.
  func scaled(_ vertical: Double, _ horizontal: Double) -> Window {
    Window(
      top: top * vertical, left: left * horizontal, bottom: bottom * vertical,
      right: right * horizontal)
  }

  /// With a margin all round.
  func grown(by margin: Double) -> Window {
    Window(
      top: top - margin, left: left - margin, bottom: bottom + margin, right: right + margin)
  }
}

extension Plane {
  /// A window brought to a size by area averaging: each pixel is the mean of what it covers, which is
  /// at least a pixel of this plane in each direction. Beyond the plane its edge goes on, or there is
  /// `outside`.
  func resampled(_ window: Window, height: Int, width: Int, outside: Float? = nil) -> Plane {
    let columns = Coverage.along(
      from: window.left, to: window.right, count: width, limit: self.width, outside: outside != nil)
    let rows = Coverage.along(
      from: window.top, to: window.bottom, count: height, limit: self.height,
      outside: outside != nil)
    var result = Plane(height: height, width: width, repeating: 0)
    var sum = [Float](repeating: 0, count: self.width)
    values.withUnsafeBufferPointer { source in
      for (row, cover) in rows.enumerated() {
        for column in sum.indices { sum[column] = 0 }
        sum.withUnsafeMutableBufferPointer { sum in
          for (offset, weight) in cover.weights.enumerated() {
            let line = (cover.first + offset) * self.width
            for column in 0..<self.width { sum[column] += weight * source[line + column] }
          }
        }
        for (column, across) in columns.enumerated() {
          var total: Float = 0
          for (offset, weight) in across.weights.enumerated() {
            total += weight * sum[across.first + offset]
          }
          if let outside { total += outside * (1 - cover.share * across.share) }
          result[row, column] = total
        }
      }
    }
    return result
  }
}

/// Which pixels of a row or column one of a new size covers, and how much of it each is.
private struct Coverage {
  let first: Int
  let weights: [Float]
  /// How much of it lies within the plane.
  var share: Float { weights.reduce(0, +) }

  static func along(
    from start: Double, to end: Double, count: Int, limit: Int, outside: Bool
  ) -> [Coverage] {
    let step = (end - start) / Double(count)
    return (0..<count).map { i in
      let middle = start + (Double(i) + 0.5) * step, half = max(step, 1) / 2
      return Coverage(from: middle - half, to: middle + half, limit: limit, outside: outside)
    }
  }

  private init(from start: Double, to end: Double, limit: Int, outside: Bool) {
    let low = Int(min(max(start.rounded(.down), 0), Double(limit - 1)))
    let high = Int(min(max(end.rounded(.up), Double(low + 1)), Double(limit)))
    var weights = (low..<high).map { pixel in
      Float(max(min(end, Double(pixel + 1)) - max(start, Double(pixel)), 0) / (end - start))
    }
    if !outside {
      // The outermost pixels stand for what is beyond.
      weights[0] += Float(min(max(-start, 0), end - start) / (end - start))
      weights[weights.count - 1] += Float(
        min(max(end - Double(limit), 0), end - start) / (end - start))
    }
    (first, self.weights) = (low, weights)
  }
}
