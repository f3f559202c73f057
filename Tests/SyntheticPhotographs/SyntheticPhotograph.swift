import CJPEGEncoder
import Foundation
import NeuralNetwork
import Pictures

/// A picture of a digit as a telephone would take it: a digit of MNIST enlarged 3 to 20 times, dark ink
/// off the middle of light paper, uneven light with a shadow across it, noise, and JPEG.
public struct SyntheticPhotograph {
  /// Rows of pixels.
  public let height: Int
  /// Pixels of a row.
  public let width: Int
  /// `[height, width]`, before JPEG.
  public let pixels: [UInt8]
  /// The quality that JPEG is given.
  public let quality: Int32

  /// What may be different.
  public struct Kind: Sendable {
    /// The enlargement, from and to.
    public var scales: ClosedRange<Float> = 3...20
    /// Whether the ink is light and the ground dark.
    public var isLightOnDark = false
    /// Without ink.
    public var isBlank = false
    /// Whether some of the digit is beyond an edge of the picture.
    public var isCut = false
    /// As photographs are.
    public init() {}
  }

  /// A photograph of a digit, `[28, 28]` or as much larger as a square of its values is, that follows from the random numbers.
  public init(of digit: [UInt8], random: CounterRandom, _ kind: Kind = Kind()) {
    var random = random
    // As many of each octave.
    let low = log2(kind.scales.lowerBound), high = log2(kind.scales.upperBound)
    let scale = exp2(random.uniform(low, high))
    let edge = 28 * scale
    // All of the digit and some paper.
    let height = Int(edge * random.uniform(1, 2)), width = Int(edge * random.uniform(1, 2))
    var top = random.uniform(0, Float(height) - edge)
    var left = random.uniform(0, Float(width) - edge)
    if kind.isCut {
      // A quarter of its box, from one side.
      let away = edge * (4 / 28 + 20 / 28 * random.uniform(0.15, 0.4))
      switch random.below(4) {
      case 0: top = -away
      case 1: top = Float(height) - edge + away
      case 2: left = -away
      default: left = Float(width) - edge + away
      }
    }
    let paper = random.uniform(150, 240), contrast = random.uniform(0.45, 0.95)
    let slope = (random.uniform(-0.25, 0.25), random.uniform(-0.25, 0.25))
    let vignette = random.uniform(0, 0.25)
    let shadow = random.uniform(0, 0.4), shadowAngle = random.uniform(0, 2 * .pi)
    let shadowPlace = random.uniform(-0.6, 0.6), softness = random.uniform(0.05, 0.4)
    let noise = random.uniform(1, 10)
    quality = Int32(40 + random.below(56))
    (self.height, self.width) = (height, width)
    let direction = (cos(shadowAngle), sin(shadowAngle))
    var pixels = [UInt8](repeating: 0, count: height * width)
    let size = Int(Double(digit.count).squareRoot()), fine = Float(size) / 28 / scale
    digit.withUnsafeBufferPointer { digit in
      for row in 0..<height {
        let y = 2 * (Float(row) + 0.5) / Float(height) - 1
        for column in 0..<width {
          let x = 2 * (Float(column) + 0.5) / Float(width) - 1
          var light = 1 + slope.0 * y + slope.1 * x - vignette * (x * x + y * y) / 2
          let beyond = (direction.0 * x + direction.1 * y - shadowPlace) / softness
          light *= 1 - shadow / (1 + exp(-4 * beyond))
          let ink =
            kind.isBlank
            ? 0
            : Self.value(
              digit, size, (Float(row) + 0.5 - top) * fine - 0.5,
              (Float(column) + 0.5 - left) * fine - 0.5)
          let value: Float =
            kind.isLightOnDark
            ? (255 - paper) * light + contrast * paper * light * ink
            : paper * light * (1 - contrast * ink)
          // The sum of four uniform numbers is close enough to the normal distribution.
          let bits = random.next()
          let sum = Float(
            (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48))
          let deviate = (sum / 65536 - 2) * 1.732
          pixels[row * width + column] = UInt8(
            min(max(value + noise * deviate, 0), 255).rounded())
        }
      }
    }
    self.pixels = pixels
  }

  /// The ink at a place between pixels, from 0 to 1; none beyond the digit.
  private static func value(
    _ digit: UnsafeBufferPointer<UInt8>, _ size: Int, _ y: Float, _ x: Float
  ) -> Float {
    guard y > -1, x > -1, y < Float(size), x < Float(size) else { return 0 }
    let row = Int(y.rounded(.down)), column = Int(x.rounded(.down))
    let down = y - Float(row), right = x - Float(column)
    func at(_ row: Int, _ column: Int) -> Float {
      row >= 0 && column >= 0 && row < size && column < size
        ? Float(digit[row * size + column]) : 0
    }
    let upper = at(row, column) * (1 - right) + at(row, column + 1) * right
    let lower = at(row + 1, column) * (1 - right) + at(row + 1, column + 1) * right
    return (upper * (1 - down) + lower * down) / 255
  }

  /// The picture as a reader finds it in its file.
  public var file: Picture? { try? Picture.decode(jpeg, name: "photograph", isConfined: false) }

  /// The JPEG file.
  public var jpeg: [UInt8] {
    var size = 0
    guard
      let file = cjpegencoder_encode(pixels, UInt32(height), UInt32(width), 1, quality, &size)
    else { return [] }
    defer { free(file) }
    return Array(UnsafeBufferPointer(start: file, count: size))
  }
}
