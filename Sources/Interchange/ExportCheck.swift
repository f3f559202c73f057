import NeuralNetwork

/// How what a file computes compares with the network that it was made of.
public struct ExportCheck: Sendable, Equatable {
  /// The number of images.
  public let images: Int
  /// How many of them get the same class; of outputs that are no classes, the same largest one.
  public let sameClass: Int
  /// The largest difference of an output, as a share of its magnitude where that is above 1.
  public let largestDifference: Float
  /// The image with that difference.
  public let worstImage: Int

  /// Compares outputs, `[images][outputs]`; what is missing or not finite differs without bound.
  init(_ found: [[Float]], expected: [[Float]]) {
    images = expected.count
    var (same, largest, worst) = (0, Float(0), 0)
    for (number, wanted) in expected.enumerated() {
      let scores = found.indices.contains(number) ? found[number] : []
      if scores.count == wanted.count, scores.firstLargest == wanted.firstLargest { same += 1 }
      for (output, value) in wanted.enumerated() {
        let score = scores.indices.contains(output) ? scores[output] : .nan
        let difference = abs(score - value) / max(1, abs(value))
        if !(difference <= largest) {
          (largest, worst) = (difference.isNaN ? .infinity : difference, number)
        }
      }
    }
    (sameClass, largestDifference, worstImage) = (same, largest, worst)
  }
}

extension [Float] {
  /// The index of the largest number, of the first one where several are equal.
  fileprivate var firstLargest: Int { indices.reduce(0) { self[$1] > self[$0] ? $1 : $0 } }
}
