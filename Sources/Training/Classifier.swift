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

  /// Makes a classifier of a network that was trained with a loss, which says what outputs stand for
  /// that no softmax or sigmoid has made probabilities of.
  public init(_ network: Network, loss: any Loss = CrossEntropy(), threads: Int? = nil) {
    predictor = Predictor(network, pool: ThreadPool(threads: threads))
    head = Head(network, loss)
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
    return Prediction(class: best, values: head.predictions(outputs), kind: head.predicts)
  }
}
