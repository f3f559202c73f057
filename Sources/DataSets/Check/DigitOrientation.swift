import ImageData

/// How digits stand in their images, judged by the mean image of each digit.
///
/// The means of MNIST's digits, each at 7×7, correlate with those of other digits to about 0.98 even
/// where a digit has only 30 images, and to less than 0.9 with those of digits that are turned,
/// mirrored or labelled at random, and of other things. So what is said is safe, and nothing is said
/// of images that are no digits.
enum DigitOrientation {
  case upright
  /// Rows and columns are exchanged, as in EMNIST's files.
  case transposed
  /// Upright, and dark on light ground.
  case inverted

  /// The least mean correlation that is taken for a likeness.
  private static let likeness = 0.9
  /// The least images of a digit whose mean says something.
  private static let leastImages = 20
  /// The least digits that must have so many.
  private static let leastDigits = 5
  private static let edge = 7

  /// Judges images of 28×28 bytes whose labels 0 to 9 may be digits, whatever other labels there are;
  /// `nil` where they do not look like digits.
  init?(_ images: ImageSet) {
    guard images.hasBytes, images.height == 28, images.width == 28, images.channels == 1,
      let labels = images.labels
    else { return nil }
    var sums = [[Int]](repeating: [Int](repeating: 0, count: Self.edge * Self.edge), count: 10)
    var counts = [Int](repeating: 0, count: 10)
    for (number, label) in labels.enumerated() where label < 10 {
      counts[Int(label)] += 1
      images.withImage(number) { image in
        for (place, pixel) in image.enumerated() {
          sums[Int(label)][place / 112 * Self.edge + place % 28 / 4] += Int(pixel)
        }
      }
    }
    let digits = (0..<10).filter { counts[$0] >= Self.leastImages }
    guard digits.count >= Self.leastDigits else { return nil }
    var (upright, transposed) = (0.0, 0.0)
    for digit in digits {
      let mean = sums[digit].map { Double($0) / Double(counts[digit]) }
      let template = Self.means[digit].map(Double.init)
      upright += Self.correlation(mean, template) / Double(digits.count)
      transposed += Self.correlation(Self.transposed(mean), template) / Double(digits.count)
    }
    if upright > Self.likeness {
      self = .upright
    } else if transposed > Self.likeness {
      self = .transposed
    } else if upright < -Self.likeness {
      self = .inverted
    } else {
      return nil
    }
  }

  private static func transposed(_ image: [Double]) -> [Double] {
    image.indices.map { image[$0 % edge * edge + $0 / edge] }
  }

  /// Pearson's coefficient; 0 where one of the images is constant.
  private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
    let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
    var (ab, aa, bb) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      ab += (x - meanA) * (y - meanB)
      aa += (x - meanA) * (x - meanA)
      bb += (y - meanB) * (y - meanB)
    }
    return aa * bb > 0 ? ab / (aa * bb).squareRoot() : 0
  }

  /// The mean of each digit of MNIST's training set, of every 4×4 pixels.
  private static let means: [[UInt8]] = [
    [
      0, 0, 0, 1, 1, 0, 0, 0, 2, 36, 122, 134, 41, 0, 0, 20, 128, 120, 108, 118, 4, 0, 70, 128,
      19, 48, 128, 8, 0, 103, 98, 33, 115, 88, 3, 0, 54, 158, 155, 95, 15, 0, 0, 1, 6, 7, 1, 0, 0,
    ],
    [
      0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 63, 72, 13, 0, 0, 0, 3, 113, 79, 3, 0, 0, 0, 4, 167, 27, 0,
      0, 0, 0, 34, 155, 10, 0, 0, 0, 6, 67, 101, 16, 1, 0, 0, 0, 4, 5, 1, 0, 0,
    ],
    [
      0, 0, 4, 11, 6, 1, 0, 0, 13, 80, 136, 113, 23, 0, 0, 14, 42, 53, 117, 37, 0, 0, 8, 41, 94,
      117, 23, 2, 1, 60, 140, 167, 121, 57, 9, 1, 50, 115, 87, 69, 42, 4, 0, 0, 1, 1, 1, 0, 0,
    ],
    [
      0, 0, 1, 2, 1, 0, 0, 0, 19, 88, 136, 101, 17, 0, 1, 15, 42, 97, 127, 22, 0, 0, 4, 70, 157,
      127, 19, 0, 2, 19, 24, 35, 121, 44, 0, 3, 50, 120, 140, 105, 16, 0, 0, 4, 16, 18, 4, 0, 0,
    ],
    [
      0, 0, 0, 0, 0, 0, 0, 0, 5, 26, 25, 43, 33, 2, 0, 20, 100, 49, 110, 43, 1, 0, 51, 155, 101,
      162, 33, 1, 0, 27, 77, 127, 114, 17, 0, 0, 1, 20, 76, 59, 8, 0, 0, 0, 5, 13, 9, 1, 0,
    ],
    [
      0, 0, 0, 0, 1, 0, 0, 0, 3, 34, 83, 90, 59, 10, 0, 11, 101, 112, 65, 38, 9, 0, 16, 121, 119,
      75, 14, 0, 0, 24, 37, 57, 97, 31, 1, 0, 32, 109, 125, 85, 15, 0, 0, 1, 13, 17, 5, 0, 0,
    ],
    [
      0, 0, 5, 20, 24, 5, 0, 0, 2, 32, 99, 65, 9, 0, 0, 7, 82, 95, 25, 12, 0, 0, 19, 133, 107,
      125, 68, 4, 0, 22, 156, 141, 138, 65, 2, 0, 4, 62, 115, 62, 7, 0, 0, 0, 0, 0, 0, 0, 0,
    ],
    [
      0, 0, 0, 0, 0, 0, 0, 0, 7, 24, 34, 30, 8, 0, 4, 52, 132, 135, 166, 49, 0, 1, 20, 33, 38,
      146, 22, 0, 0, 3, 14, 109, 92, 6, 0, 0, 2, 42, 116, 34, 1, 0, 0, 5, 39, 51, 14, 1, 0,
    ],
    [
      0, 0, 0, 0, 0, 0, 0, 0, 3, 39, 113, 112, 38, 2, 0, 14, 105, 97, 118, 67, 5, 0, 7, 82, 178,
      113, 17, 1, 0, 11, 107, 131, 80, 14, 0, 0, 22, 123, 138, 80, 11, 0, 0, 1, 17, 24, 6, 0, 0,
    ],
    [
      0, 0, 0, 0, 0, 0, 0, 0, 1, 16, 67, 54, 7, 0, 0, 17, 119, 101, 133, 31, 0, 0, 35, 125, 111,
      161, 18, 0, 0, 9, 51, 105, 102, 7, 0, 0, 1, 22, 90, 58, 7, 0, 0, 1, 19, 36, 22, 4, 0,
    ],
  ]
}

extension DataReport {
  /// Looks whether digits stand upright; where the name of the set says that they may not, and nothing
  /// can be seen, says so.
  mutating func checkOrientation(_ parts: [DataCheck.Part], setName: String) {
    var isSeen = false
    for part in parts {
      guard let orientation = DigitOrientation(part.images) else { continue }
      isSeen = true
      switch orientation {
      case .upright: break
      case .transposed:
        add(
          .wrong, .orientation, part.split,
          "the digits are transposed, as in EMNIST's files; an import can turn them")
      case .inverted:
        add(
          .warning, .orientation, part.split,
          "the digits are dark on light ground, and MNIST's are light on dark")
      }
    }
    guard !isSeen, setName.lowercased().hasPrefix("emnist") else { return }
    add(
      .warning, .orientation, nil,
      "the files are named as EMNIST's, whose images are transposed; look at them, an import can"
        + " turn them")
  }
}
