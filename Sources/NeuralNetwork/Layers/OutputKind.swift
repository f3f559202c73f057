/// What the numbers that a layer gives stand for.
public enum OutputKind: Sendable {
  /// Numbers of any size: logits, or what a regression predicts.
  case values
  /// Probabilities of classes that exclude each other: they add up to 1.
  case probabilities
  /// A probability for each output by itself.
  case independentProbabilities
}
