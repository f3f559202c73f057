import CKernels
import NeuralNetwork
import Platform

/// What happens to one image: the numbers that ``Augmentation`` leaves to chance, drawn.
struct ImageChange {
  private let map: PixelMap
  /// A rectangle that is set to 0.
  private var erased: (rows: Range<Int>, columns: Range<Int>)?
  private let augmentation: Augmentation
  private let height: Int, width: Int
  /// Draws the controls of the elastic field.
  private var random: CounterRandom

  init(_ augmentation: Augmentation, height: Int, width: Int, random: CounterRandom) {
    self.augmentation = augmentation
    (self.height, self.width) = (height, width)
    var random = random
    map = Self.drawMap(augmentation, height: height, width: width, &random)
    self.random = random
    if augmentation.erase > 0 { drawErased() }
  }

  private static func drawMap(
    _ a: Augmentation, height: Int, width: Int, _ random: inout CounterRandom
  ) -> PixelMap {
    var shift = (a.shift * random.uniform(-1, 1), a.shift * random.uniform(-1, 1))
    if !a.deforms {
      // All whole numbers up to the bound, equally likely.
      let bound = Int(a.shift)
      shift = (
        Float(random.below(2 * bound + 1) - bound), Float(random.below(2 * bound + 1) - bound)
      )
    }
    let rotation = Double(a.rotation * random.uniform(-1, 1))
    let shear = Double(a.shear * random.uniform(-1, 1))
    let size = mc_power(1 + Double(a.scale), Double(random.uniform(-1, 1)))
    let flips = random.next()
    return PixelMap(
      height: height, width: width, rotation: rotation, shear: shear, size: size,
      shift: (down: shift.0, right: shift.1),
      flipsRows: (a.flip == .vertical || a.flip == .both) && flips & 1 == 1,
      flipsColumns: (a.flip == .horizontal || a.flip == .both) && flips & 2 == 2)
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
    PixelMap.frame(image, height: height, width: width, channels: channels, into: scratch.framed)
    let field = augmentation.elastic > 0 ? drawField(scratch) : nil
    map.apply(
      height: height, width: width, channels: channels, field: field, framed: scratch.framed,
      to: image)
    guard let erased else { return }
    for row in erased.rows {
      mc_fill(
        erased.columns.count * channels, 0,
        image + (row * width) * channels + erased.columns.lowerBound * channels)
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
