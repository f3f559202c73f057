import ArgumentParser
import MiniCNN

/// The settings of a run; what is left out comes from the model file, then from defaults.
struct TrainingFlags: ParsableArguments {
  @Option(help: "Passes over the training images (default 5).")
  var epochs: Int?

  @Option(help: "Images between two updates (default 64).")
  var batchSize: Int?

  @Option(help: "sgd, rmsprop, adagrad, adam or adamw (default adam).")
  var optimizer: String?

  @Option(help: "cross_entropy (from logits) or mse (default cross_entropy).")
  var loss: String?

  @Option(help: "The learning rate (default: the optimizer's own).")
  var learningRate: Float?

  @Option(help: "Momentum, for sgd and rmsprop (default 0).")
  var momentum: Float?

  @Flag(help: "Nesterov's momentum, for sgd.")
  var nesterov = false

  @Option(help: "Decoupled weight decay (default 0, adamw 0.004).")
  var weightDecay: Float?

  @Option(help: "L2 regularization (default 0).")
  var l2: Float?

  @Option(help: "L1 regularization (default 0).")
  var l1: Float?

  @Option(
    help: ArgumentHelp(
      """
      How training images are changed at random: none, or some of shift=PIXELS, rotation=DEGREES, \
      scale=SHARE, shear=DEGREES, elastic=PIXELS, elastic_spacing=PIXELS, erase=PROBABILITY, \
      erase_area=SHARE, flip=horizontal|vertical|both (default none).
      """, valueName: "key=value,...")
  )
  var augmentation: String?

  @Option(
    help:
      "Mix images in pairs, with shares from a beta distribution of this alpha (default 0: do not)."
  )
  var mixup: Float?

  @Option(
    help: """
      Keep an average of the weights, which keeps this share of itself at a step, at most (less \
      at first, so that it spans no more than the last ninth of the run), and validate with it \
      (for example 0.999; default: none).
      """)
  var weightAverage: Float?

  @Option(
    help: """
      The course of the learning rate: \(Schedule.Course.forms.joined(separator: ", ")) \
      (default constant).
      """)
  var schedule: String?

  @Option(help: "Epochs, whole or not, of linear warm-up (default 0).")
  var warmup: Double?

  @Option(help: "The share of the target spread over all classes (default 0).")
  var labelSmoothing: Float?

  @Option(help: "The largest norm of the gradient (default: no bound).")
  var clipNorm: Float?

  @Option(help: "What every random choice follows from (default: random, printed and stored).")
  var seed: UInt64?

  @Option(
    help:
      "The share of the training images set aside for validation (default 0; 0.1 with --patience).")
  var validationFraction: Double?

  @Option(help: "Epochs without a better validation accuracy after which training ends.")
  var patience: Int?

  @Flag(help: "Take the images in the order of the file in every epoch.")
  var noShuffle = false

  @Option(help: "Use only the first N training images.")
  var limit: Int?

  /// These flags as options; the gaps stay gaps.
  func options() throws -> TrainingOptions {
    var options = TrainingOptions()
    if let optimizer, !TrainingOptions.optimizers.contains(optimizer) {
      throw Failure(
        .usage,
        "--optimizer: expected one of \(TrainingOptions.optimizers.joined(separator: ", ")), found \(optimizer)"
      )
    }
    if let loss {
      guard let kind = Loss.Kind(rawValue: loss) else {
        let names = Loss.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure(.usage, "--loss: expected one of \(names), found \(loss)")
      }
      options.loss = kind
    }
    options.epochs = epochs
    options.batchSize = batchSize
    options.optimizer = optimizer
    options.learningRate = learningRate
    options.momentum = momentum
    options.nesterov = nesterov ? true : nil
    options.weightDecay = weightDecay
    options.l2 = l2
    options.l1 = l1
    options.augmentation = try augmentation.map { try Augmentation($0) }
    options.mixup = mixup
    options.weightAverage = weightAverage
    options.schedule = try schedule.map { try Schedule.Course($0) }
    options.warmup = warmup
    options.labelSmoothing = labelSmoothing
    options.clipNorm = clipNorm
    options.seed = seed
    options.validationFraction = validationFraction
    options.patience = patience
    options.shuffle = noShuffle ? false : nil
    options.limit = limit
    return options
  }

  /// The flags that were stated, each with its value if it takes one.
  var stated: [(flag: String, value: String?)] {
    var stated: [(flag: String, value: String?)] = []
    func add(_ flag: String, _ value: (some LosslessStringConvertible)?) {
      if let value { stated.append((flag, String(value))) }
    }
    add("--epochs", epochs)
    add("--batch-size", batchSize)
    add("--optimizer", optimizer)
    add("--loss", loss)
    add("--learning-rate", learningRate)
    add("--momentum", momentum)
    if nesterov { stated.append(("--nesterov", nil)) }
    add("--weight-decay", weightDecay)
    add("--l2", l2)
    add("--l1", l1)
    add("--augmentation", augmentation)
    add("--mixup", mixup)
    add("--weight-average", weightAverage)
    add("--schedule", schedule)
    add("--warmup", warmup)
    add("--label-smoothing", labelSmoothing)
    add("--clip-norm", clipNorm)
    add("--seed", seed)
    add("--validation-fraction", validationFraction)
    add("--patience", patience)
    if noShuffle { stated.append(("--no-shuffle", nil)) }
    add("--limit", limit)
    return stated
  }
}
