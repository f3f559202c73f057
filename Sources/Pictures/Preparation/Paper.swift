/// The paper of a picture, or the board or screen: how bright it is at each place without ink.
struct Paper {
  /// Whether what is written is lighter than what it is written on.
  let isLightOnDark: Bool
  /// How bright it is, from 0 to 1, on a small copy of the picture; of light ink on dark, how far below
  /// white.
  let levels: Plane

  /// On paper darker than this nothing darker is seen.
  private static let darkest: Float = 0.02
  /// The longer edge of the copy that it is judged on.
  private static let edge = 128

  init(_ grey: Plane) {
    let small = grey.reduced(to: Self.edge)
    let (dark, light) = (Self.levels(small), Self.levels(small.map { 1 - $0 }))
    isLightOnDark = light.cost < dark.cost
    levels = isLightOnDark ? light.levels : dark.levels
  }

  /// The paper of dark ink is what is left without strokes: those are what a closing fills. Where there
  /// is ink the paper around it goes on.
  ///
  /// `cost` tells which polarity the picture has: strokes that are taken for paper make that uneven, or
  /// are lighter than it. Ink itself costs little.
  private static func levels(_ image: Plane) -> (levels: Plane, cost: Float) {
    // Wide enough for strokes of a quarter of the picture.
    let radius = max(2, image.edge / 8)
    let closed = image.continued(by: 2 * radius).maximum(radius: radius).minimum(radius: radius)
      .cropped(by: 2 * radius)
    var depth = closed.combined(with: image) { $0 - $1 }
    var levels = image
    for _ in 0..<3 {
      let threshold = max(0.03, 0.3 * depth.typicalOfLargest)
      let dark = depth.map { Float($0 > threshold ? 1 : 0) }
      // What is wider than any stroke is a shadow.
      let wide = dark.minimum(radius: radius).maximum(radius: radius + 1)
      let ink = dark.combined(with: wide) { $0 * (1 - $1) }.maximum(
        radius: max(1, image.edge / 40))
      levels = filled(image, without: ink)
      depth = levels.combined(with: image) { $0 - $1 }
    }
    var right: Float = 0, wrong: Float = 0
    for value in depth.values {
      if value > 0 { right += value * value } else { wrong += value * value }
    }
    return (
      levels.map { max($0, 0) },
      wrong + 4 * levels.roughness + right / 20
    )
  }

  /// The mean around each place of what is no ink; over a wider neighbourhood where there is little.
  private static func filled(_ image: Plane, without ink: Plane) -> Plane {
    var result = Plane(height: image.height, width: image.width, repeating: 0)
    var trust = result
    let known = image.combined(with: ink) { $0 * (1 - $1) }
    let weight = ink.map { 1 - $0 }
    for share: Float in [1.0 / 64, 1.0 / 24, 1.0 / 8, 2.0] {
      let deviation = max(1, share * Float(image.edge))
      let sums = known.blurredSums(deviation: deviation)
      let weights = weight.blurredSums(deviation: deviation)
      for i in result.values.indices {
        // What is mostly paper at this scale is settled; the rest is filled by the next.
        let addition = (1 - trust.values[i]) * min(1, max(weights.values[i] * 4, 0))
        guard addition > 0, weights.values[i] > 1e-4 else { continue }
        result.values[i] += addition * sums.values[i] / weights.values[i]
        trust.values[i] += addition
      }
    }
    for i in result.values.indices {
      result.values[i] = trust.values[i] > 0 ? result.values[i] / trust.values[i] : image.values[i]
    }
    return result
  }

  /// How dark each pixel is against the paper: 0 like it, 1 black on white or white on black.
  ///
  /// - Parameters:
  ///   - grey: the picture or a part of it, of any size.
  ///   - window: which part, in heights and widths of the picture; all of it where there is none.
  func ink(of grey: Plane, _ window: Window? = nil) -> Plane {
    let part =
      window?.scaled(Double(levels.height), Double(levels.width)) ?? Window(whole: levels)
    let paper = levels.resampled(part, height: grey.height, width: grey.width)
    let isLight = isLightOnDark
    return grey.combined(with: paper) { ($1 - (isLight ? 1 - $0 : $0)) / max($1, Self.darkest) }
  }

  /// By what part of the lighter of the two ink and paper differ, in the mean of all ink at or above a
  /// threshold.
  func contrast(_ grey: Plane, _ ink: Plane, above threshold: Float) -> Float {
    var sum: Float = 0, count: Float = 0
    for (brightness, darkness) in zip(grey.values, ink.values) where darkness >= threshold {
      // Of light ink the brightness of the paper follows from that of the ink.
      let paper = 1 - (1 - brightness) / max(1 - darkness, 1e-3)
      sum += isLightOnDark ? min(max(1 - paper / max(brightness, 1e-3), 0), 1) : darkness
      count += 1
    }
    return count > 0 ? sum / count : 0
  }

  /// The darkest and the lightest paper, from 0 to 1 as the picture has it.
  var range: ClosedRange<Float> {
    let least = levels.values.min() ?? 0, most = levels.values.max() ?? 0
    return isLightOnDark ? 1 - most...1 - least : least...most
  }
}

extension Plane {
  /// The sum of the squared steps from each pixel to the next ones.
  fileprivate var roughness: Float {
    var sum: Float = 0
    for row in 0..<height {
      for column in 0..<width {
        let value = self[row, column]
        let down = row + 1 < height ? self[row + 1, column] - value : 0
        let right = column + 1 < width ? self[row, column + 1] - value : 0
        sum += down * down + right * right
      }
    }
    return sum
  }

  /// The mean of the values above 0, each weighted by its square: that of the largest, however many
  /// small ones there are.
  var typicalOfLargest: Float {
    var squares: Float = 0, cubes: Float = 0
    for value in values where value > 0 {
      squares += value * value
      cubes += value * value * value
    }
    return squares > 0 ? cubes / squares : 0
  }
}
