import NeuralNetwork

/// What a trainer reports to its observer.
public enum TrainingEvent: Sendable {
  /// A batch is done.
  case step(StepReport)
  /// An epoch is done; `isBest` where it is the best so far by validation.
  case epoch(EpochRecord, isBest: Bool)
  /// Something does not go well; at most once per epoch for each layer and kind of warning.
  case warning(TrainingWarning)
  /// Training ends because validation has not improved for the settings' patience.
  case stoppedEarly(best: EpochRecord)
}

/// The results of one batch.
public struct StepReport: Sendable {
  /// The epoch, counted from 1.
  public let epoch: Int
  /// The batch within its epoch, counted from 1.
  public let batch: Int
  /// The number of batches in an epoch.
  public let batches: Int
  /// The loss and the correct answers of the epoch so far.
  public let running: LossValue
  /// Whether the samples have classes, so that answers can be correct.
  public let hasClasses: Bool
  /// The loss and the correct answers of this batch, as they were before its update.
  public let loss: LossValue
  /// The norm of the gradient, before it was clipped.
  public let gradientNorm: Double
  /// The learning rate of the step.
  public let learningRate: Float
}

/// What an observer of a trainer answers.
public enum TrainingDecision: Sendable {
  /// Continue.
  case proceed
  /// Stop here; the trainer's state is that of a run to be resumed.
  case stop
}
