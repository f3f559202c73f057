import NeuralNetwork
import Runs
import Training

/// An image that a network takes for another class than its own.
public struct Mistake: Hashable, Sendable, Encodable {
  /// The number of the image, counted from 0.
  public let index: Int
  /// The numbers of its class and of the one it was taken for.
  let own: Int, taken: Int
  /// The name of its class.
  public let `class`: String
  /// The name of the class it was taken for.
  public let predicted: String
  /// The probability of that one.
  public let confidence: Float
  /// The probability of its own class.
  public let classConfidence: Float

  private enum CodingKeys: CodingKey { case index, `class`, predicted, confidence, classConfidence }

  /// All mistakes of an evaluation, in the order of the images.
  ///
  /// - Parameters:
  ///   - labels: the class of each image.
  ///   - names: a name for each class.
  public static func all(
    of evaluation: Evaluation, labels: [Int32], names: [String]
  ) -> [Mistake] {
    guard evaluation.hasClasses else { return [] }
    return labels.indices.compactMap { index in
      let (own, predicted) = (Int(labels[index]), Int(evaluation.predictions[index]))
      guard own != predicted else { return nil }
      let confidence = evaluation.confidences[index]
      return Mistake(
        index: index, own: own, taken: predicted, class: names[own], predicted: names[predicted],
        confidence: confidence.predicted, classConfidence: confidence.own)
    }
  }

  /// The mistakes as comma-separated values, a line each after a line of names.
  public static func csv(_ mistakes: [Mistake]) -> String {
    let lines = mistakes.map { mistake in
      [
        "\(mistake.index)", CSV.quoted(mistake.class), CSV.quoted(mistake.predicted),
        "\(mistake.confidence)", "\(mistake.classConfidence)",
      ].joined(separator: ",")
    }
    return (["index,class,predicted,confidence,classConfidence"] + lines).map { $0 + "\n" }.joined()
  }
}
