/// The results of one epoch.
public struct EpochRecord: Hashable, Sendable, Codable {
  /// The epoch, counted from 1.
  public var epoch: Int
  /// The mean loss over the training samples, each as it was when its batch came.
  public var loss: Double
  /// The share of correct training samples, counted likewise; `nil` where they have no classes.
  public var accuracy: Double?
  /// The mean loss over the validation samples after the epoch; `nil` too where it is not finite.
  public var validationLoss: Double?
  /// The share of correct validation samples after the epoch.
  public var validationAccuracy: Double?
  /// The metrics of the validation samples after the epoch, by name; `nil` where none are asked for.
  public var validationMetrics: [String: Double]?
  /// The learning rate of the epoch's last step.
  public var learningRate: Double
  /// The wall-clock time the epoch took; the one number here that differs from run to run.
  public var seconds: Double

  /// Makes a record; see the properties.
  public init(
    epoch: Int, loss: Double, accuracy: Double?, validationLoss: Double? = nil,
    validationAccuracy: Double? = nil, validationMetrics: [String: Double]? = nil,
    learningRate: Double, seconds: Double
  ) {
    self.epoch = epoch
    self.loss = loss
    self.accuracy = accuracy
    self.validationLoss = validationLoss
    self.validationAccuracy = validationAccuracy
    self.validationMetrics = validationMetrics
    self.learningRate = learningRate
    self.seconds = seconds
  }
}
