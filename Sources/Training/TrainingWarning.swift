import NeuralNetwork

/// A sign that a run does not go well, though its numbers are still finite.
public enum TrainingWarning: Sendable, Equatable, CustomStringConvertible {
  /// Units of a ReLU that were 0 for every training sample, with the weights of the epoch's end.
  case deadUnits(layer: String, dead: Int, units: Int, samples: Int)
  /// The share of a sigmoid's or tanh's outputs that are at the ends of its range.
  case saturated(layer: String, share: Double)
  /// The norm of the gradient, and of its largest part, a layer's.
  case largeGradient(layer: String, layerNorm: Double, norm: Double, step: Int)

  /// The layer it is about.
  public var layer: String {
    switch self {
    case .deadUnits(let layer, _, _, _), .saturated(let layer, _),
      .largeGradient(let layer, _, _, _):
      layer
    }
  }

  /// One line: the layer, what was seen there, and something to try.
  public var description: String {
    switch self {
    case .deadUnits(let layer, let dead, let units, let samples):
      "layer \(layer): \(dead) of \(units) units fire for none of the \(samples) training samples;"
        + " try a smaller learning rate"
    case .saturated(let layer, let share):
      "layer \(layer): \(Int((share * 100).rounded())) % of its outputs are at the ends of its"
        + " range, where hardly any gradient gets through; try batch_norm before it"
    case .largeGradient(let layer, let layerNorm, let norm, let step):
      "layer \(layer): its gradient has a norm of \(Float(layerNorm)) at step \(step)"
        + " (\(Float(norm)) over all layers); try clipping the gradient's norm at 1"
    }
  }
}

/// When a ``TrainingWarning`` is given.
enum WarningThreshold {
  /// The share of a ReLU's units that are dead.
  static let deadShare = 1.0 / 3
  /// The share of a sigmoid's or tanh's outputs that are at the ends of its range.
  static let saturatedShare = 0.5
  /// The norm of the gradient of a batch's mean loss, which is about 1 in a run that goes well.
  static let gradientNorm = 100.0
  /// The number of samples surveyed after every epoch; all of them where some units seem dead.
  static let samples = 512
}
