/// Where numbers stopped being finite in a step, or in what was handed over.
public struct NumericFault: Error, Equatable, Sendable {
  /// What was not finite first.
  public enum Quantity: String, Sendable {
    /// The samples, before any layer.
    case input = "input"
    /// What the samples should be turned into.
    case target = "target"
    /// The layer's input variables.
    case weights = "weights"
    /// What the layer computed forwards.
    case output = "output"
    /// What it computed backwards: the gradient of its input, or of a variable.
    case gradient = "gradient"
    /// The loss itself, of a finite output, or its gradient.
    case loss = "loss"
  }

  /// The layer where it began: the first one where the samples are not finite, the last one where
  /// their targets are not.
  public let layer: String
  /// What was not finite there.
  public let quantity: Quantity
  /// The largest magnitude among the numbers that went into the layer, of ``sample`` where there is
  /// one, a hint at the cause; 0 where the samples, their targets or the weights themselves are not
  /// finite.
  public let largestInput: Float
  /// The number, in the data, of the first sample where it began; `nil` where it began in none, but in
  /// the weights or in a sum over samples. Where a layer computes with the whole batch at once, it is the
  /// sample with the largest magnitude.
  public package(set) var sample: Int?

  package init(layer: String, quantity: Quantity, largestInput: Float, sample: Int?) {
    self.layer = layer
    self.quantity = quantity
    self.largestInput = largestInput
    self.sample = sample
  }

  /// Samples that are not finite; `layer` is the first.
  init(inputOf layer: String, sample: Int?) {
    self.init(layer: layer, quantity: .input, largestInput: 0, sample: sample)
  }

  /// Whether it is in the data, so that no other weights or learning rate would help.
  public var isOfData: Bool { quantity == .input || quantity == .target }
}

extension NumericFault: CustomStringConvertible {
  /// One line: `the output of layer dense_1 is no longer finite for sample 3 (the largest activation
  /// before it is 1e+20)`.
  public var description: String {
    switch quantity {
    case .input: return "the input is not finite" + (sample.map { " in sample \($0)" } ?? "")
    case .target: return "the target" + (sample.map { " of sample \($0)" } ?? "") + " is not finite"
    case .weights: return "the weights of layer \(layer) are no longer finite"
    case .output, .gradient, .loss:
      return "the \(quantity.rawValue) of layer \(layer) is no longer finite"
        + (sample.map { " for sample \($0)" } ?? "")
        + (largestInput > 0 ? " (the largest activation before it is \(largestInput))" : "")
    }
  }
}
