import CKernels

/// Softmax cross-entropy from logits: −Σ target · log softmax(output), for one class of many.
///
/// The softmax is included, so that it neither overflows nor rounds to 0. Targets are distributions
/// over the classes: 1 for a sample's class, or shared among several.
public struct CrossEntropy: Loss {
  /// `cross_entropy`.
  public static let kind = "cross_entropy"
  /// It has no settings.
  public static let prototype = CrossEntropy()
  /// Probabilities of classes.
  public var predicts: OutputKind { .probabilities }

  /// Creates the loss.
  public init() {}

  /// The sum of the samples' losses; gradient = scale · (softmax − target).
  public func evaluate(
    _ batch: OutputBatch, scale: Float, gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    mc_softmax_cross_entropy(
      batch.samples, batch.width, batch.outputs, batch.targets, scale, gradient)
  }

  /// Throws where the last layer gives no vector, or is a softmax already.
  public func check(_ network: Network) throws(ModelError) {
    guard network.outputShape.rank == 1 else { throw ModelError(noClassifier: network) }
    // Of a sigmoid's outputs a softmax can be taken, and older runs did.
    if network.outputKind == .probabilities { try checkHead(network) }
  }
}

/// The cross-entropy of each output by itself, from logits, for samples of several labels:
/// −target · log σ(output) − (1 − target) · log(1 − σ(output)), the mean over the outputs.
///
/// The sigmoid is included. Targets are from 0 to 1.
public struct BinaryCrossEntropy: Loss {
  /// `binary_cross_entropy`.
  public static let kind = "binary_cross_entropy"
  /// It has no settings.
  public static let prototype = BinaryCrossEntropy()
  /// A probability for each output by itself.
  public var predicts: OutputKind { .independentProbabilities }

  /// Creates the loss.
  public init() {}

  /// The sum of the samples' losses; gradient = scale · (σ(output) − target) / outputs.
  public func evaluate(
    _ batch: OutputBatch, scale: Float, gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    mc_sigmoid_cross_entropy(
      batch.samples, batch.width, batch.outputs, batch.targets, scale, gradient)
  }
}

extension ModelError {
  /// What is wrong with a network whose output is no vector where samples have classes.
  package init(noClassifier network: Network) {
    self.init(
      "the output of the last layer is \(network.outputShape), a classifier's is a vector",
      hint: "end with flatten or global_avg_pool2d and dense")
  }
}
