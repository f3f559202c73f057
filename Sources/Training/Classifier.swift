import NeuralNetwork
import Platform

/// Predicts what samples are: their classes with probabilities, or whatever else the network's outputs
/// stand for.
///
/// Several threads may share one: it does what one asks for after the other.
public final class Classifier: Sendable {
  /// The prediction for one sample.
  public struct Prediction: Sendable {
    /// The number of the largest output: the most likely class.
    public let `class`: Int
    /// What the network's outputs stand for, `[outputShape]`.
    public let values: [Float]
    /// What that is.
    public let kind: OutputKind

    /// A probability for each class; `nil` where the outputs stand for something else.
    public var probabilities: [Float]? { kind == .values ? nil : values }
  }

  private let predictor: Predictor
  private let head: Head
  private let views: Views

  /// Makes a classifier of a network that was trained with a loss, which says what outputs stand for
  /// that no softmax or sigmoid has made probabilities of.
  ///
  /// - Parameter views: the views of each image whose predictions are averaged; see
  ///   ``Views/check(_:)``.
  public init(
    _ network: Network, loss: any Loss = CrossEntropy(), views: Views = Views(),
    threads: Int? = nil
  ) {
    predictor = Predictor(network, pool: ThreadPool(threads: threads))
    head = Head(network, loss)
    self.views = views
  }

  /// Classifies the samples with these numbers.
  ///
  /// - Throws: a ``NumericFault`` that names the first sample with a number that is not finite.
  public func predict(
    _ source: some SampleSource, _ numbers: [Int]
  ) throws(NumericFault) -> [Prediction] {
    let known = 0..<source.count
    let numbers = numbers.map {
      require(known.contains($0), "sample \($0) of \(known.count)")
      return Int32($0)
    }
    guard views.others.isEmpty else {
      let means = try predictor.meanPredictions(
        ViewedSamples.all(source, views), numbers, head: head)
      return samples(of: means).map { prediction(of: $0, largest: $0) }
    }
    return samples(of: try predictor.outputs(source, numbers)).map {
      prediction(of: head.predictions($0), largest: $0)
    }
  }

  /// Classifies one sample given as its values, `[inputShape]`.
  ///
  /// - Throws: a ``NumericFault`` where one of them is not finite.
  public func predict(_ sample: [Float]) throws(NumericFault) -> Prediction {
    try predictor.withSample(sample) { source throws(NumericFault) in try predict(source, [0])[0] }
  }

  private func samples(of batch: Tensor) -> [[Float]] {
    let size = batch.shape.count, values = batch.values
    return (0..<batch.samples).map { Array(values[$0 * size..<($0 + 1) * size]) }
  }

  /// - Parameter largest: tells the class: outputs may differ where their probabilities round to the
  ///   same number.
  private func prediction(of values: [Float], largest outputs: [Float]) -> Prediction {
    let best = outputs.indices.reduce(0) { outputs[$1] > outputs[$0] ? $1 : $0 }
    return Prediction(class: best, values: values, kind: head.predicts)
  }
}
