import NeuralNetwork

/// Samples from a list of numbers.
public struct ListedSamples: SampleSource {
  /// The shape of one sample.
  public let shape: Shape
  /// `[samples, shape]`.
  public let values: [Float]
  /// A class for each sample.
  public let labels: [UInt8]

  /// Takes the numbers of all samples and their classes.
  public init(shape: Shape, values: [Float], labels: [UInt8]) {
    self.shape = shape
    self.values = values
    self.labels = labels
  }

  /// The number of samples.
  public var count: Int { labels.count }
  /// The shape of one sample.
  public var sampleShape: Shape { shape }

  /// Random samples whose class is told by where they are bright.
  public static func random(_ shape: Shape, count: Int, classes: Int = 10, seed: UInt64 = 8)
    -> ListedSamples
  {
    var random = CounterRandom(seed: seed, .test)
    let labels = (0..<count).map { _ in UInt8(random.below(classes)) }
    let values = labels.flatMap { label in
      (0..<shape.count).map { i in
        random.uniform() * 0.5 + (i * classes / shape.count == Int(label) ? 0.5 : 0)
      }
    }
    return ListedSamples(shape: shape, values: values, labels: labels)
  }

  /// Overwrites `samples`.
  public func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
  ) {
    for (i, number) in numbers.enumerated() {
      for j in 0..<shape.count {
        samples[i * shape.count + j] = values[Int(number) * shape.count + j]
      }
    }
  }

  /// Overwrites `labels`.
  public func copyLabels(
    _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>
  ) {
    for (i, number) in numbers.enumerated() { labels[i] = Int32(self.labels[Int(number)]) }
  }
}
