import NeuralNetwork

/// Everything that decides the outcome of a run besides the model and the data.
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
  /// The loss to be minimized.
  public var loss: any Loss = CrossEntropy()
  /// The share of a target that is spread evenly over all classes, or over right and wrong where each
  /// output is a matter of its own (Szegedy et al. 2015).
  public var labelSmoothing: Float = 0
  /// What the training losses of the classes' samples are multiplied by.
  public var classWeights = ClassWeights.none
  /// How training images are changed at random every time they are seen.
  public var augmentation = Augmentation()
  /// Both parameters of the beta distribution that mixtures of two samples are drawn from; 0 mixes
  /// none.
  public var mixup: Float = 0
  /// The decay of the exponential moving average of the weights: the share of itself that it keeps
  /// at a step. The first steps, up to about 9 / (1 - decay), keep less (`WeightAverage`). There
  /// is no average where `nil`.
  public var weightAverage: Float?
  /// What every random choice follows from.
  public var seed: UInt64 = 0
  /// Whether every epoch has an order of its own.
  public var shuffles = true
  /// The share of the training samples that is set aside for validation.
  public var validationFraction: Double = 0
  /// The fold of the training samples that is set aside for validation, in place of a share; none where
  /// `nil`.
  public var fold: Fold?
  /// Whether those are as many of each class as its share of all.
  public var stratifies = false
  /// The metrics of the validation samples, besides loss and accuracy, that each epoch's record has.
  public var metrics = MetricList()
  /// What says which epoch is better than another.
  public var monitor = Monitor.automatic
  /// Epochs without a better one after which training ends; never where `nil`.
  public var patience: Int?
  /// The gain in what the monitor goes by, such as a share of right answers, up to which an epoch does
  /// not count as better for the patience.
  public var minDelta: Double = 0
  /// The most shards of a batch, each of at least eight samples: the parts whose gradients are summed one
  /// after the other, and as many threads as can work on a batch.
  public var shards = ShardRule.standard.most
  /// The most that can be asked for.
  static let mostShards = 256
  /// Whether the run began before there was a choice of shards: a batch falls into eight, however few
  /// samples each has.
  package var hasFirstShards = false
  /// The number of training samples that are used, from the first; all where `nil`.
  public var limit: Int?

  /// Settings that suit a small network: five epochs of Adam.
  public init() {}

  /// The rate at a step counted from 0, after these finished epochs.
  public func rate(step: Int, stepsPerEpoch: Int, history: [EpochRecord] = []) -> Float {
    let factor = schedule.factor(
      step: step, stepsPerEpoch: stepsPerEpoch, epochs: scheduleEpochs ?? epochs,
      history: history, monitor: monitor)
    return Float(Double(learningRate) * factor)
  }
}

extension TrainingSettings: Configurable {
  /// `training`, a model file's block.
  public static let kind = "training"
  /// Every default.
  public static let prototype = TrainingSettings()

  /// What can be set, besides the optimizers' own settings.
  public static let settings: [Setting<TrainingSettings>] = [
    Setting(
      "optimizer", values: "one of \(OptimizerRegistry.kinds.joined(separator: ", "))",
      choices: OptimizerRegistry.kinds, "the rule that turns gradients into new weights",
      read: { (kind, settings) throws(SettingError) in
        // With its defaults; its own settings are read after it.
        let type = try OptimizerRegistry.type(of: kind)
        settings.update.optimizer = type.prototype
      }, text: { $0.update.optimizer.kind }),
    Setting(
      "learning_rate", \.learningRate, .notNegative, default: byOptimizer(\.defaultLearningRate),
      "the learning rate that the schedule's factor applies to"),
    Setting(
      "weight_decay", \.update.weightDecay, .notNegative,
      default: byOptimizer(\.defaultWeightDecay),
      "decoupled weight decay; not for biases and batch normalization"),
    Setting(
      "l2", \.update.l2, .notNegative,
      "L2: half of this times the sum of the squared weights is added to what is minimized, not to the loss that is shown; for the same variables"
    ),
    Setting(
      "l1", \.update.l1, .notNegative,
      "L1: this times the sum of the weights' magnitudes is added likewise"),
    Setting(
      "clip_norm", \.update.clipNorm, .positive,
      "the largest norm of the gradient; a longer one is scaled down to it"),
    Setting(
      "schedule", values: "a course", choices: Schedule.courses.map { $0.kind }, isStructured: true,
      off: ConstantRate.kind,
      "the course of the learning rate: \(Schedule.forms.joined(separator: ", ")); the values shown are the defaults, periods are epochs",
      read: { (text, settings) throws(SettingError) in
        settings.schedule.course = try Schedule.course(text)
      }, text: { $0.schedule.course.text },
      check: { (settings) throws(SettingError) in
        do throws(SettingError) {
          try settings.schedule.course.checkRanges()
        } catch {
          throw error.inside("schedule")
        }
      }),
    Setting(
      "warmup", \.schedule.warmup, .from(0, to: 1_000_000),
      "epochs, whole or not, of linear rise before the schedule"),
    Setting(
      "schedule_epochs", \.scheduleEpochs, .from(1, to: 1_000_000), default: "epochs",
      "the number of epochs the schedule is laid out for"),
    Setting(
      "loss", values: "one of \(LossRegistry.forms.joined(separator: ", "))",
      choices: LossRegistry.kinds,
      "what is minimized: the cross-entropy of the logits of one class among many, or of several labels each by itself; or the mean squared or absolute error, or Huber's mixture of both",
      read: { (text, settings) throws(SettingError) in
        settings.loss = try LossRegistry.loss(text)
      }, text: { $0.loss.text },
      check: { (settings) throws(SettingError) in
        do throws(SettingError) {
          try settings.loss.checkRanges()
        } catch {
          throw error.inside("loss")
        }
      }),
    Setting(
      "label_smoothing", \.labelSmoothing, .from(0, below: 1),
      "the share of the target spread over all classes; over right and wrong with binary_cross_entropy"
    ),
    Setting(
      "class_weights", \.classWeights,
      "what the training loss of a class's samples is multiplied by: comma-separated numbers, one for each class, or `balanced`, for classes that count alike however many samples they have"
    ),
    Setting("epochs", \.epochs, .from(1, to: 1_000_000), "passes over the training images")
      .onResume(.extends),
    Setting("batch_size", \.batchSize, .from(1, to: 65_536), "images per update").onResume(.fixed),
    Setting(
      "shards", \.shards, .from(1, to: Self.mostShards),
      "parts of a batch, of at least 8 images each, whose gradients are summed in order: as many threads can work on it, and the last digits follow from it, as they do not from the threads"
    ).onResume(.fixed),
    Setting(
      "seed", \.seed, default: "random, printed and stored",
      "the number that every random choice follows from"
    ).onResume(.fixed),
    Setting("shuffle", \.shuffles, "a new order of the images in every epoch").onResume(.fixed),
    Setting(
      "validation_fraction", \.validationFraction, .from(0, below: 1),
      default: "0; 0.1 with patience",
      "the share of the training images set aside for validation, after limit"
    ).onResume(.fixed),
    Setting(
      "fold", \.fold,
      "the fold of the training images that is set aside for validation, in place of a fraction, as in cross-validation: with one seed, each image is in one fold"
    ).onResume(.fixed),
    Setting(
      "stratify", \.stratifies,
      "whether those are as many of each class as its share of all images"
    ).onResume(.fixed),
    Setting(
      "metrics", \.metrics,
      "what is computed of the validation images after each epoch besides loss and accuracy: \(MetricRegistry.forms.joined(separator: ", "))"
    ),
    Setting(
      "monitor", \.monitor,
      "what says which epoch is the best: `val_loss`, or `val_` and a metric's name; `auto` goes by accuracy for classes and by the loss otherwise"
    ),
    Setting(
      "patience", \.patience, .atLeast(1),
      "epochs without a better validation, as monitor says, after which training ends"),
    Setting(
      "min_delta", \.minDelta, .from(0, below: 1),
      "a gain of no more than this in what monitor goes by (0.001 is a tenth of a point of accuracy) does not count for patience"
    ),
    Setting(
      "limit", \.limit, .atLeast(1), "use only this many of the training images, from the first"
    ).onResume(.fixed),
    Setting(
      "augmentation", \.augmentation,
      "how training images are changed at random: comma-separated key=value pairs of \(Augmentation.keys.joined(separator: ", "))"
    ),
    Setting(
      "mixup", \.mixup, .from(0, to: 1),
      "alpha of the beta distribution that the shares of two mixed images are drawn from; 0 mixes none"
    ),
    Setting(
      "weight_average", \.averageShare, .from(0, below: 1), default: "none",
      "keep an exponential moving average of the weights and validate with it: its decay at a step, such as 0.999; less in the first steps, so that it spans at most the last ninth of the run"
    ),
  ]

  /// A default that is each optimizer's own: `0.01 for sgd, else 0.001`.
  private static func byOptimizer(_ value: (any Optimizer) -> Float) -> String {
    let values = OptimizerRegistry.all.map { (kind: $0.kind, value: value($0.prototype)) }
    let counts = Dictionary(grouping: values, by: \.value).mapValues(\.count)
    let usual = values.map(\.value).max { (counts[$0] ?? 0) < (counts[$1] ?? 0) } ?? 0
    let others = values.filter { $0.value != usual }
      .map { "\(shortened($0.value.text)) for \($0.kind), " }
    return others.joined() + (others.isEmpty ? "" : "else ") + shortened(usual.text)
  }

  /// ``weightAverage``, with 0 for none.
  private var averageShare: Float {
    get { weightAverage ?? 0 }
    set { weightAverage = newValue == 0 ? nil : newValue }
  }

  /// Throws for the first setting that is out of its range, or does not go with another one.
  ///
  /// - Parameter hasValidationSet: whether there are samples for validation alone.
  public func check(hasValidationSet: Bool = false) throws(SettingError) {
    try checkRanges()
    try update.optimizer.checkRanges()
    func require(_ needs: Bool, _ setting: String) throws(SettingError) {
      if needs, !setsAside, !hasValidationSet {
        throw SettingError(
          setting, expected: "a validation_fraction above 0 with it",
          found: "\(validationFraction)")
      }
    }
    guard !hasValidationSet || validationFraction == 0 else {
      throw SettingError(
        "validation_fraction", expected: "0 beside samples for validation alone",
        found: "\(validationFraction)")
    }
    if let fold {
      guard !hasValidationSet else {
        throw SettingError(
          "fold", expected: "none beside samples for validation alone", found: fold.text)
      }
      guard validationFraction == 0 else {
        throw SettingError(
          "validation_fraction", expected: "0 with a fold, which validates",
          found: "\(validationFraction)")
      }
    }
    if stratifies, !setsAside {
      throw SettingError(
        "stratify", expected: "a validation_fraction above 0 with it",
        found: "\(validationFraction)")
    }
    try require(patience != nil, "patience")
    try require(monitor != .automatic, "monitor")
    try require(!metrics.metrics.isEmpty, "metrics")
    if minDelta > 0, patience == nil {
      throw SettingError("min_delta", expected: "patience with it", found: minDelta.text)
    }
    try require(schedule.course.needsValidation, "schedule.\(schedule.course.kind)")
  }
}

extension TrainingSettings {
  /// Whether some of the training samples are set aside for validation.
  package var setsAside: Bool { validationFraction > 0 || fold != nil }

  /// Into how many shards a batch falls.
  var shardRule: ShardRule { hasFirstShards ? .first : ShardRule(most: shards) }

  /// The metrics of validation: those that are asked for, and what is monitored.
  package var validationMetrics: [any Metric] {
    guard case .metric(let metric) = monitor, !metrics.contains(metric.name) else {
      return metrics.metrics
    }
    return metrics.metrics + [metric]
  }

  /// Throws for a metric that tells right answers from wrong ones where targets, and what the network
  /// predicts of them, are numbers.
  func checkMetrics(
    _ targets: TargetKind, predictions: OutputKind
  ) throws(SettingError) {
    guard targets != .classes, predictions == .values,
      let metric = validationMetrics.first(where: { type(of: $0).judgesLabels })
    else { return }
    throw SettingError(
      metrics.contains(metric.name) ? "metrics" : "monitor",
      expected: "a metric of numbers, such as mae, as the samples have no classes",
      found: metric.name)
  }
}

extension OptimizerRegistry {
  /// The optimizer of a name.
  static func type(of kind: String) throws(SettingError) -> any Optimizer.Type {
    guard let type = all.first(where: { $0.kind == kind }) else {
      throw SettingError(
        "optimizer", expected: "one of \(kinds.joined(separator: ", "))", found: kind,
        hint: kinds.closest(to: kind))
    }
    return type
  }
}
