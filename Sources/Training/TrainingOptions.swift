import NeuralNetwork

/// Settings as a model file or a command line states them: each may be left out.
///
/// ``resolve(defaultSeed:)`` fills the gaps with defaults and turns them into ``TrainingSettings``.
public struct TrainingOptions: Sendable, Equatable {
  /// `sgd`, `rmsprop`, `adagrad`, `adam` or `adamw`.
  public var optimizer: String?
  /// The learning rate; the optimizer's own default where left out.
  public var learningRate: Float?
  /// For `sgd` and `rmsprop`.
  public var momentum: Float?
  /// For `sgd`.
  public var nesterov: Bool?
  /// For `rmsprop`.
  public var rho: Float?
  /// For `adam` and `adamw`.
  public var beta1: Float?
  /// For `adam` and `adamw`.
  public var beta2: Float?
  /// For all but `sgd`.
  public var epsilon: Float?
  /// Decoupled weight decay.
  public var weightDecay: Float?
  /// L2 regularization.
  public var l2: Float?
  /// L1 regularization.
  public var l1: Float?
  /// The bound on the gradient's norm.
  public var clipNorm: Float?
  /// The course of the learning rate, as ``Schedule/Course/init(_:)`` reads it.
  public var schedule: Schedule.Course?
  /// Epochs of linear warm-up.
  public var warmup: Double?
  /// The length the schedule is laid out for.
  public var scheduleEpochs: Int?
  /// The loss.
  public var loss: Loss.Kind?
  /// The share of the target spread over all classes.
  public var labelSmoothing: Float?
  /// How training images are changed.
  public var augmentation: Augmentation?
  /// How samples are mixed.
  public var mixup: Float?
  /// The decay of the weight average.
  public var weightAverage: Float?
  /// Passes over the training samples.
  public var epochs: Int?
  /// Samples between two updates.
  public var batchSize: Int?
  /// What every random choice follows from.
  public var seed: UInt64?
  /// Whether every epoch has an order of its own.
  public var shuffle: Bool?
  /// The share set aside for validation.
  public var validationFraction: Double?
  /// Epochs without improvement before training ends.
  public var patience: Int?
  /// The number of training samples used.
  public var limit: Int?

  /// States nothing.
  public init() {}

  /// These options, with the gaps filled from `other`.
  ///
  /// What belongs to an optimizer goes with it: where both name one and they differ, the learning
  /// rate, momentum, decay and the like of the other one are left behind.
  public func filled(from other: TrainingOptions) -> TrainingOptions {
    var result = self
    let sameOptimizer = optimizer == nil || other.optimizer == nil || optimizer == other.optimizer
    func fill<Value>(_ path: WritableKeyPath<TrainingOptions, Value?>) {
      if result[keyPath: path] == nil { result[keyPath: path] = other[keyPath: path] }
    }
    fill(\.schedule); fill(\.warmup); fill(\.scheduleEpochs); fill(\.loss); fill(\.labelSmoothing)
    fill(\.epochs); fill(\.batchSize); fill(\.seed); fill(\.shuffle); fill(\.validationFraction)
    fill(\.patience); fill(\.limit); fill(\.l2); fill(\.l1); fill(\.clipNorm)
    fill(\.augmentation); fill(\.mixup); fill(\.weightAverage)
    if sameOptimizer {
      fill(\.optimizer); fill(\.learningRate); fill(\.momentum); fill(\.nesterov); fill(\.rho)
      fill(\.beta1); fill(\.beta2); fill(\.epsilon); fill(\.weightDecay)
    }
    return result
  }

  /// The settings these options mean, with defaults for what they leave out.
  ///
  /// - Parameter defaultSeed: the seed where none is stated.
  public func resolve(defaultSeed: UInt64) throws(SettingError) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = epochs ?? settings.epochs
    settings.batchSize = batchSize ?? settings.batchSize
    let optimizer = try makeOptimizer()
    settings.update = UpdateRule(
      optimizer, l2: l2 ?? 0, l1: l1 ?? 0, weightDecay: weightDecay, clipNorm: clipNorm)
    settings.learningRate = learningRate ?? optimizer.defaultLearningRate
    settings.schedule = Schedule(schedule ?? .constant, warmup: warmup ?? 0)
    settings.scheduleEpochs = scheduleEpochs
    settings.loss = Loss(loss ?? .crossEntropy, labelSmoothing: labelSmoothing ?? 0)
    settings.augmentation = augmentation ?? Augmentation()
    settings.mixup = mixup ?? 0
    settings.weightAverage = weightAverage == 0 ? nil : weightAverage
    settings.seed = seed ?? defaultSeed
    settings.shuffles = shuffle ?? true
    settings.validationFraction = validationFraction ?? (patience == nil ? 0 : 0.1)
    settings.patience = patience
    settings.limit = limit
    try settings.check()
    return settings
  }

  /// The options that mean these settings, with nothing left out.
  public init(_ settings: TrainingSettings) {
    epochs = settings.epochs
    batchSize = settings.batchSize
    learningRate = settings.learningRate
    schedule = settings.schedule.course
    warmup = settings.schedule.warmup
    scheduleEpochs = settings.scheduleEpochs
    loss = settings.loss.kind
    labelSmoothing = settings.loss.labelSmoothing
    augmentation = settings.augmentation.isIdentity ? nil : settings.augmentation
    mixup = settings.mixup == 0 ? nil : settings.mixup
    weightAverage = settings.weightAverage
    seed = settings.seed
    shuffle = settings.shuffles
    validationFraction = settings.validationFraction
    patience = settings.patience
    limit = settings.limit
    l2 = settings.update.l2
    l1 = settings.update.l1 == 0 ? nil : settings.update.l1
    weightDecay = settings.update.weightDecay
    clipNorm = settings.update.clipNorm
    state(settings.update.optimizer)
  }
}
