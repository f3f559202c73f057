import CKernels
import Platform

/// What training minimizes, for samples with one label each.
public struct Loss: Hashable, Sendable {
  /// The function of outputs and labels.
  public enum Kind: String, CaseIterable, SettingValue {
    /// Softmax cross-entropy from logits, fused so that it neither overflows nor rounds to 0.
    case crossEntropy = "cross_entropy"
    /// The mean over the outputs of the squared difference to the one-hot label.
    case meanSquaredError = "mse"
  }

  /// Which function of outputs and labels.
  public var kind: Kind
  /// The share of the target that is spread evenly over all classes (Szegedy et al. 2015).
  public var labelSmoothing: Float

  /// Creates a loss.
  public init(_ kind: Kind = .crossEntropy, labelSmoothing: Float = 0) {
    self.kind = kind
    self.labelSmoothing = labelSmoothing
  }

  /// The loss and the correct answers of some samples.
  public struct Value: Hashable, Sendable {
    /// The sum of the samples' losses.
    public var sum: Double = 0
    /// The number of samples whose largest output is the label's.
    public var correct = 0
    /// The number of samples.
    public var samples = 0

    /// The value of no samples.
    public init() {}

    /// The mean loss.
    public var mean: Double { samples == 0 ? 0 : sum / Double(samples) }
    /// The share of correct samples.
    public var accuracy: Double { samples == 0 ? 0 : Double(correct) / Double(samples) }

    /// Adds another part's counts.
    public static func += (a: inout Value, b: Value) {
      a.sum += b.sum
      a.correct += b.correct
      a.samples += b.samples
    }
  }

  /// The loss of a batch and, if asked for, its gradient.
  ///
  /// - Parameters:
  ///   - outputs: `[N, classes]`, read: logits for cross-entropy.
  ///   - labels: `[N]`, read, each below the number of classes.
  ///   - others: `[N]`, read: the second labels of samples that are mixtures; `nil` where none is.
  ///   - shares: `[N]`, read: the first labels' shares of those targets, 0.5 to 1.
  ///   - scale: what the gradient is multiplied by: 1 / N for that of the batch's mean.
  ///   - gradient: scale · ∂(sum of losses)/∂outputs `[N, classes]`, overwritten.
  package func evaluate(
    _ outputs: Tensor, labels: UnsafePointer<UInt8>, others: UnsafePointer<UInt8>? = nil,
    shares: UnsafePointer<Float>? = nil, scale: Float = 1,
    gradient: UnsafeMutablePointer<Float>? = nil
  ) -> Value {
    let rows = outputs.samples
    let columns = outputs.shape.count
    verify(labels, rows, columns)
    if let others { verify(others, rows, columns) }
    var value = Value()
    value.samples = rows
    switch kind {
    case .crossEntropy:
      value.sum = mc_softmax_cross_entropy(
        rows, columns, outputs.pointer, labels, others, shares, labelSmoothing, scale, gradient,
        &value.correct)
    case .meanSquaredError:
      value.sum = mc_mean_squared_error(
        rows, columns, outputs.pointer, labels, others, shares, labelSmoothing, scale, gradient,
        &value.correct)
    }
    return value
  }

  /// A label beyond the outputs would be looked up, and its gradient written, past their end.
  private func verify(_ labels: UnsafePointer<UInt8>, _ rows: Int, _ columns: Int) {
    let most = UnsafeBufferPointer(start: labels, count: rows).max() ?? 0
    require(
      rows == 0 || Int(most) < columns,
      "label \(most) of \(columns) outputs; expected 0 to \(columns - 1)")
  }

  /// Throws where a network's last layer does not suit this loss.
  package func check(_ network: Network) throws(ModelError) {
    guard network.outputShape.rank == 1 else {
      throw ModelError(
        "the output of the last layer is \(network.outputShape), a classifier's is a vector",
        hint: "end with flatten or global_avg_pool2d and dense")
    }
    guard network.outputShape.count <= 256 else {
      throw ModelError("\(network.outputShape.count) classes; labels are bytes, so at most 256")
    }
    if kind == .crossEntropy, let last = network.nodes.last, last.kind == Softmax.kind {
      throw ModelError(
        "loss cross_entropy takes logits and includes the softmax, but the last layer is already a"
          + " softmax, which would be applied twice",
        hint: "remove the last layer, or use loss mse")
    }
  }
}
