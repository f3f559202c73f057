import NeuralNetwork

/// How well a network does on labelled samples.
public struct Evaluation: Sendable {
  /// The mean loss.
  public let loss: Double
  /// The number of samples whose largest output is the label's.
  public let correct: Int
  /// The number of samples.
  public let samples: Int
  /// How often each class (row) was taken for each class (column).
  public let confusion: [[Int]]
  /// The class of the largest output, for each sample in order.
  public let predictions: [UInt8]

  /// Runs a network over all samples of a set, whose labels are below the number of its outputs.
  public init(
    _ network: Network, on source: some SampleSource, loss: Loss = Loss(), threads: Int? = nil
  ) {
    let predictor = Predictor(network, pool: ThreadPool(threads: threads))
    let numbers = (0..<Int32(source.count)).map { $0 }
    let result = predictor.evaluate(source, numbers, loss: loss)
    self.loss = result.value.mean
    correct = result.value.correct
    samples = result.value.samples
    predictions = result.predictions
    var labels = [UInt8](repeating: 0, count: source.count)
    numbers.withUnsafeBufferPointer { numbers in
      labels.withUnsafeMutableBufferPointer {
        if let target = $0.baseAddress { source.copyLabels(numbers, to: target) }
      }
    }
    let classes = network.outputShape.count
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    for (label, prediction) in zip(labels, predictions) {
      confusion[Int(label)][Int(prediction)] += 1
    }
    self.confusion = confusion
  }

  /// The share of correct samples.
  public var accuracy: Double { samples == 0 ? 0 : Double(correct) / Double(samples) }

  /// The range in which the accuracy on unlimited such samples lies with 95 % confidence.
  public var interval: ClosedRange<Double> { AccuracyInterval.of(accuracy, samples: samples) }

  /// How the network does on one class.
  public struct ClassReport: Sendable {
    /// The share of the samples taken for this class that are of it; `nil` where there are none.
    public let precision: Double?
    /// The share of this class's samples that were found; `nil` where there are none.
    public let recall: Double?
    /// The number of this class's samples.
    public let support: Int
  }

  /// A report for each class.
  public var classes: [ClassReport] {
    confusion.indices.map { c in
      let support = confusion[c].reduce(0, +)
      let taken = confusion.reduce(0) { $0 + $1[c] }
      let hits = Double(confusion[c][c])
      return ClassReport(
        precision: taken == 0 ? nil : hits / Double(taken),
        recall: support == 0 ? nil : hits / Double(support), support: support)
    }
  }
}
