import CKernels
import NeuralNetwork
import Platform

/// What happens to one image: the numbers that ``Augmentation`` leaves to chance, drawn.
struct ImageChange {
  /// From a pixel of the result to the point of the image it shows: row, then column, each
  /// `(a·i + b·j + c)`.
  private var map: (Float, Float, Float, Float, Float, Float) = (1, 0, 0, 0, 1, 0)
  /// A rectangle that is set to 0.
  private var erased: (rows: Range<Int>, columns: Range<Int>)?
  private let augmentation: Augmentation
  private let height: Int, width: Int
  /// Draws the controls of the elastic field.
  private var random: CounterRandom

  init(_ augmentation: Augmentation, height: Int, width: Int, random: CounterRandom) {
    self.augmentation = augmentation
    (self.height, self.width, self.random) = (height, width, random)
    drawMap()
    if augmentation.erase > 0 { drawErased() }
  }

  private mutating func drawMap() {
    let a = augmentation
    var shift = (a.shift * random.uniform(-1, 1), a.shift * random.uniform(-1, 1))
    if !a.deforms {
      // All whole numbers up to the bound, equally likely.
      let bound = Int(a.shift)
      shift = (
        Float(random.below(2 * bound + 1) - bound), Float(random.below(2 * bound + 1) - bound)
      )
    }
    // Rotated, sheared, and then scaled.
    let angle = Double(a.rotation * random.uniform(-1, 1)) * Double.pi / 180
    let shear = Double(a.shear * random.uniform(-1, 1)) * Double.pi / 180
    let lean = mc_sin(shear) / mc_cos(shear)
    let size = 1 / mc_power(1 + Double(a.scale), Double(random.uniform(-1, 1)))
    let (sine, cosine) = (mc_sin(angle) * size, mc_cos(angle) * size)
    var rows = (Float(cosine), Float(-sine + lean * cosine))
    var columns = (Float(sine), Float(cosine + lean * sine))
    let flips = random.next()
    if a.flip == .vertical || a.flip == .both, flips & 1 == 1 {
      (rows.0, rows.1) = (-rows.0, -rows.1)
    }
    if a.flip == .horizontal || a.flip == .both, flips & 2 == 2 {
      (columns.0, columns.1) = (-columns.0, -columns.1)
    }
    // About the image's center.
    let middle = (Float(height - 1) / 2, Float(width - 1) / 2)
    let row = middle.0 - shift.0 - rows.0 * middle.0 - rows.1 * middle.1
    let column = middle.1 - shift.1 - columns.0 * middle.0 - columns.1 * middle.1
    map = (rows.0, rows.1, row, columns.0, columns.1, column)
  }

  /// A rectangle of 2 % of the image up to the stated share, but at least a pixel; at most as wide
  /// as 3.3 times its height or the other way round, as in the paper, but for rounding.
  private mutating func drawErased() {
    let happens = random.uniform() < augmentation.erase
    let area = Double(random.uniform(0.02, augmentation.eraseArea)) * Double(height * width)
    let aspect = mc_power(3.3, Double(random.uniform(-1, 1)))
    // Rows first, then as many whole columns as the area still has.
    let pixels = max(1, Int(area))
    let rows = min(height, pixels, max(1, Int((area * aspect).squareRoot().rounded())))
    let columns = min(width, pixels / rows)
    let top = random.below(height - rows + 1), left = random.below(width - columns + 1)
    if happens { erased = (top..<top + rows, left..<left + columns) }
  }

  /// Changes an image `[height, width, channels]` in place.
  ///
  /// - Parameter scratch: of ``Scratch/count(height:width:channels:_:)`` floats, overwritten; the
  ///   frame of its first part holds zeros before and after.
  mutating func apply(
    to image: UnsafeMutablePointer<Float>, channels: Int, scratch: borrowing Scratch
  ) {
    let line = width * channels
    for row in 0..<height {
      scratch.framed((row + 1) * (line + 2 * channels) + channels)
        .update(from: image + row * line, count: line)
    }
    var field: UnsafeMutablePointer<Float>?
    if augmentation.elastic > 0 { field = drawField(scratch) }
    withUnsafePointer(to: map) {
      $0.withMemoryRebound(to: Float.self, capacity: 6) {
        mc_warp(height, width, channels, $0, field, scratch.framed(0), image)
      }
    }
    guard let erased else { return }
    for row in erased.rows {
      mc_fill(
        erased.columns.count * channels, 0,
        image + row * line + erased.columns.lowerBound * channels)
    }
  }

  private mutating func drawField(_ scratch: borrowing Scratch) -> UnsafeMutablePointer<Float> {
    let spacing = augmentation.elasticSpacing
    // Uniform controls of variance 1; a field of B-splines over independent controls has 151/315 of
    // their standard deviation, on average over the points.
    let bound = augmentation.elastic * Float(3).squareRoot() * 315 / 151
    for axis in 0..<2 {
      for i in 0..<scratch.controlCount { scratch.controls[i] = random.uniform(-bound, bound) }
      mc_spline_field(
        height, width, scratch.columns, spacing, scratch.controls, scratch.between,
        scratch.field + axis * height * width)
    }
    return scratch.field
  }
}
