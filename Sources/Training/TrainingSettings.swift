import NeuralNetwork

/// All that decides the outcome of a run besides the model and the data.
public struct TrainingSettings: Sendable {
  /// Passes over the training samples.
  public var epochs = 5
  /// Samples between two updates.
  public var batchSize = 64
  /// The rule of the updates, its regularization and the bound on the gradient.
  public var update = UpdateRule(Adam())
  /// The learning rate that the schedule's factor applies to.
  public var learningRate: Float = Adam.defaultLearningRate
  /// The course of the learning rate.
  public var schedule = Schedule()
  /// The length the schedule is laid out for; the epochs unless the run was prolonged.
  public var scheduleEpochs: Int?
  /// What is made small.
  public var loss = Loss()
  /// How training images are changed at random every time they are seen.
  public var augmentation = Augmentation()
  /// Both parameters of the beta distribution that mixtures of two samples are drawn from; 0 mixes
  /// none.
  public var mixup: Float = 0
  /// The share of itself that the average of the weights keeps at a step, at most: the first steps,
  /// up to about 9 / (1 - share), keep less (``WeightAverage``). There is no average where `nil`.
  public var weightAverage: Float?
  /// What every random choice follows from.
  public var seed: UInt64 = 0
  /// Whether every epoch has an order of its own.
  public var shuffles = true
  /// The share of the training samples that is set aside for validation.
  public var validationFraction: Double = 0
  /// Epochs without a better validation accuracy after which training ends; never where `nil`.
  public var patience: Int?
  /// The number of training samples that are used, from the first; all where `nil`.
  public var limit: Int?

  /// Settings that suit a small network: five epochs of Adam.
  public init() {}

  /// The rate at a step counted from 0, behind these finished epochs.
  public func rate(step: Int, stepsPerEpoch: Int, history: [EpochRecord] = []) -> Float {
    let factor = schedule.factor(
      step: step, stepsPerEpoch: stepsPerEpoch, epochs: scheduleEpochs ?? epochs,
      history: history)
    return Float(Double(learningRate) * factor)
  }
}
