import NeuralNetwork

/// What the numbers that a network gives stand for.
enum OutputMeaning: String {
  /// Of classes that exclude each other, before a softmax.
  case logits
  /// Of classes that exclude each other.
  case probabilities
  /// For each output by itself, before a sigmoid.
  case scores
  /// What they are.
  case numbers

  init(_ network: Network, loss: any Loss) {
    self =
      switch (network.outputKind, loss.predicts) {
      case (.probabilities, _): .probabilities
      case (.values, .probabilities): .logits
      case (.values, .independentProbabilities): .scores
      case (.independentProbabilities, _), (.values, .values): .numbers
      }
  }
}
