import Dispatch
import ImageData
import NeuralNetwork
import Pictures
import Training

/// How many of the pictures of some digits a network reads rightly, and what it is warned of.
public struct PhotographReading: Sendable {
  /// The pictures.
  public enum Kind: Sendable, CaseIterable {
    /// Photographs of dark ink on paper, and of light ink on a board.
    case photographs, boards
    /// Made for a warning: without ink, with some of the digit beyond an edge, written with a thin pen,
    /// and two digits over each other.
    case blank, cut, thin, doubled
    /// The digits as they are, and dark on light.
    case digits, inverted
  }

  /// How many were read.
  public private(set) var count = 0
  /// How many of them as what they are.
  public private(set) var right = 0
  /// How many came with each warning, by its name.
  public private(set) var warned: [String: Int] = [:]

  /// The share that was read as what it is.
  public var accuracy: Double { Double(right) / Double(count) }
  /// The share that came with a warning.
  public func share(_ warning: String) -> Double {
    Double(warned[warning, default: 0]) / Double(count)
  }

  /// Reads pictures of the first digits of a set, on all processors.
  public init(
    _ kind: Kind, of digits: ImageSet, count: Int, with reader: PictureReader, seed: UInt64
  ) {
    let parts = 64
    let queue = DispatchQueue(label: "sum")
    nonisolated(unsafe) var whole = (right: 0, warned: [String: Int](), count: 0)
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      for number in stride(from: part, to: count, by: parts) {
        guard let picture = Self.picture(kind, of: number, in: digits, seed: seed),
          let reading = try? reader.read(picture).first
        else { continue }
        let isRight = reading.prediction.map { $0.class == Int(digits.labels?[number] ?? 0) }
        queue.sync {
          whole.count += 1
          if isRight == true { whole.right += 1 }
          for warning in reading.warnings { whole.warned[warning.name, default: 0] += 1 }
        }
      }
    }
    (self.count, right, warned) = (whole.count, whole.right, whole.warned)
  }

  private static func picture(
    _ kind: Kind, of number: Int, in digits: ImageSet, seed: UInt64
  ) -> Picture? {
    let digit = digits.withImage(number) { Array($0) }
    var photograph = SyntheticPhotograph.Kind()
    var written = digit
    switch kind {
    case .photographs: break
    case .boards: photograph.isLightOnDark = true
    case .blank: photograph.isBlank = true
    case .cut: photograph.isCut = true
    case .thin: written = ThinPen.written(digit, width: 0.7)
    case .doubled:
      let other = digits.withImage((number + 1) % digits.count) { Array($0) }
      let both = zip(digit, other).map { UInt8((Int($0) + Int($1)) / 2) }
      return Picture(height: 28, width: 28, pixels: both)
    case .digits: return Picture(height: 28, width: 28, pixels: digit)
    case .inverted: return Picture(height: 28, width: 28, pixels: digit.map { 255 - $0 })
    }
    let random = CounterRandom(seed: seed, .test, number)
    return SyntheticPhotograph(of: written, random: random, photograph).file
  }
}
