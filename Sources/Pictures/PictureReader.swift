import NeuralNetwork
import Training

/// Reads pictures with a network: prepares them, predicts, and says what looks wrong.
public struct PictureReader: Sendable {
  /// How pictures are brought to the form that the network takes.
  public enum Method: Sendable {
    /// As ``PicturePreparation/prepare(_:)`` does.
    case oneDigit
    /// As ``PicturePreparation/prepareEach(_:)`` does.
    case manyDigits
    /// As ``PicturePreparation/scale(_:)`` does.
    case asIs
  }

  /// What was read.
  public struct Reading: Sendable {
    /// What the network saw.
    public let prepared: PreparedPicture
    /// What it took it for; `nil` where there was nothing to see.
    public let prediction: Classifier.Prediction?
    /// What looks wrong.
    public let warnings: [PictureWarning]
  }

  /// A probability below this is a low one: of plain digits one in a hundred gets one.
  public static let confidence: Float = 0.45

  private let classifier: Classifier
  private let preparation: PicturePreparation
  private let method: Method

  /// A reader with a classifier and a preparation for its network.
  public init(
    _ classifier: Classifier, _ preparation: PicturePreparation, method: Method = .oneDigit
  ) {
    (self.classifier, self.preparation, self.method) = (classifier, preparation, method)
  }

  /// Reads a picture: one digit, or where several are looked for as many as there are, from left to
  /// right.
  ///
  /// - Throws: where the network's numbers for it are not finite.
  public func read(_ picture: Picture) throws(NumericFault) -> [Reading] {
    let prepared =
      switch method {
      case .oneDigit: [preparation.prepare(picture)]
      case .manyDigits: preparation.prepareEach(picture)
      case .asIs: [preparation.scale(picture)]
      }
    var readings: [Reading] = []
    for picture in prepared { readings.append(try read(picture)) }
    return readings
  }

  private func read(_ picture: PreparedPicture) throws(NumericFault) -> Reading {
    guard !picture.warnings.contains(.noInk) else {
      return Reading(prepared: picture, prediction: nil, warnings: picture.warnings)
    }
    let prediction = try classifier.predict(picture.sample)
    var warnings = picture.warnings
    if let probability = prediction.probabilities?[prediction.class],
      probability < Self.confidence
    {
      warnings.append(.lowConfidence(Double(probability)))
    }
    return Reading(prepared: picture, prediction: prediction, warnings: warnings)
  }
}
