import NeuralNetwork
import Platform

/// Predicts the classes of samples, with their probabilities.
///
/// Several threads may share one: it does what one asks for after the other.
public final class Classifier: Sendable {
  /// The prediction for one sample.
  public struct Prediction: Sendable {
    /// The number of the most likely class.
    public let `class`: Int
    /// A probability for each class.
    public let probabilities: [Float]
  }

  private let predictor: Predictor
  private let hasSoftmax: Bool

  /// Makes a classifier of a trained network.
  public init(_ network: Network, threads: Int? = nil) {
    predictor = Predictor(network, pool: ThreadPool(threads: threads))
    hasSoftmax = network.nodes.last?.kind == Softmax.kind
  }

  /// Classifies the samples with these numbers.
  ///
  /// - Throws: a ``NumericFault`` that names the first sample with a number that is not finite.
  public func predict(
    _ source: some SampleSource, _ numbers: [Int]
  ) throws(NumericFault) -> [Prediction] {
    let known = 0..<source.count
    let outputs = try predictor.outputs(
      source,
      numbers.map {
        require(known.contains($0), "sample \($0) of \(known.count)")
        return Int32($0)
      })
    let size = outputs.shape.count
    let values = outputs.values
    return numbers.indices.map { prediction(Array(values[$0 * size..<($0 + 1) * size])) }
  }

  /// Classifies one sample given as its values, `[inputShape]`.
  ///
  /// - Throws: a ``NumericFault`` where one of them is not finite.
  public func predict(_ sample: [Float]) throws(NumericFault) -> Prediction {
    prediction(try predictor.output(for: sample))
  }

  private func prediction(_ outputs: [Float]) -> Prediction {
    let best = outputs.indices.reduce(0) { outputs[$1] > outputs[$0] ? $1 : $0 }
    return Prediction(
      class: best, probabilities: hasSoftmax ? outputs : Softmax.probabilities(outputs))
  }
}
