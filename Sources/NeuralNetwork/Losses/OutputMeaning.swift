/// What the numbers that a network gives are, by its last layer and the loss that it was trained with.
public enum OutputMeaning: String, Sendable {
  /// Numbers whose softmax is a probability for each class.
  case logits
  /// A probability for each class; they add up to 1.
  case probabilities
  /// Numbers of which each one's sigmoid is a probability by itself.
  case scores
  /// Numbers that stand for themselves.
  case numbers
}

extension Network {
  /// What its outputs are where it was trained with a loss.
  public func outputMeaning(with loss: any Loss) -> OutputMeaning {
    switch (outputKind, loss.predicts) {
    case (.probabilities, _): .probabilities
    case (.values, .probabilities): .logits
    case (.values, .independentProbabilities): .scores
    case (.independentProbabilities, _), (.values, .values): .numbers
    }
  }
}
