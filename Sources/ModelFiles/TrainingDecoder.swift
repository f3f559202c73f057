import Files
import NeuralNetwork
import Training
import Yams

extension TrainingOptions {
  /// The keys of a model file's `training:` block.
  package static let keys = [
    "optimizer", "learning_rate", "momentum", "nesterov", "rho", "beta1", "beta2", "epsilon",
    "weight_decay", "l2", "l1", "clip_norm", "schedule", "warmup", "schedule_epochs",
    "loss",
    "label_smoothing", "epochs", "batch_size", "seed", "shuffle", "validation_fraction",
    "patience", "limit", "augmentation", "mixup", "weight_average",
  ]

  /// Reads a `training:` block.
  package init(_ node: YAMLNode, file: String) throws(FileError) {
    self.init()
    let f = try YAMLFields(node, file: file, owner: "training", allowed: Self.keys)
    optimizer = try f.text("optimizer")
    if let optimizer, !Self.optimizers.contains(optimizer), let place = f.node("optimizer") {
      throw FileError.yaml(
        file, place, expected: "optimizer: one of \(Self.optimizers.joined(separator: ", "))",
        found: "\"\(optimizer)\"", hint: Self.optimizers.closest(to: optimizer))
    }
    learningRate = try f.float("learning_rate")
    momentum = try f.float("momentum")
    nesterov = try f.flag("nesterov")
    rho = try f.float("rho")
    beta1 = try f.float("beta1")
    beta2 = try f.float("beta2")
    epsilon = try f.float("epsilon")
    weightDecay = try f.float("weight_decay")
    l2 = try f.float("l2")
    l1 = try f.float("l1")
    clipNorm = try f.float("clip_norm")
    augmentation = try f.node("augmentation").map { (node) throws(FileError) in
      try Augmentation(node, file: file)
    }
    mixup = try f.float("mixup")
    weightAverage = try f.float("weight_average")
    if let text = try f.text("schedule"), let place = f.node("schedule") {
      do throws(SettingError) {
        schedule = try Schedule.Course(text)
      } catch {
        throw FileError.yaml(
          file, place, expected: "schedule: \(error.expected)", found: "\"\(error.found)\"")
      }
    }
    warmup = try f.double("warmup")
    scheduleEpochs = try f.integer("schedule_epochs")
    loss = try f.choice("loss", Loss.Kind.self)
    labelSmoothing = try f.float("label_smoothing")
    epochs = try f.integer("epochs")
    batchSize = try f.integer("batch_size")
    seed = try f.node("seed").map { (node) throws(FileError) in
      guard let seed = node.scalar.flatMap({ UInt64($0.string) }) else {
        throw FileError.yaml(
          file, node, expected: "seed: a whole number from 0 to \(UInt64.max)", found: node.summary)
      }
      return seed
    }
    shuffle = try f.flag("shuffle")
    validationFraction = try f.double("validation_fraction")
    patience = try f.integer("patience")
    limit = try f.integer("limit")
  }

  /// The lines of a `training:` block that states these options.
  func yamlLines(indent: String) -> [String] {
    let values: [(String, Any?)] = [
      ("optimizer", optimizer), ("learning_rate", learningRate), ("momentum", momentum),
      ("nesterov", nesterov), ("rho", rho), ("beta1", beta1), ("beta2", beta2),
      ("epsilon", epsilon), ("weight_decay", weightDecay), ("l2", l2), ("l1", l1),
      ("clip_norm", clipNorm),
      ("schedule", schedule.map { $0.description.yamlQuoted }), ("warmup", warmup),
      ("schedule_epochs", scheduleEpochs), ("loss", loss?.rawValue),
      ("label_smoothing", labelSmoothing), ("epochs", epochs), ("batch_size", batchSize),
      ("seed", seed), ("shuffle", shuffle), ("validation_fraction", validationFraction),
      ("patience", patience), ("limit", limit),
      ("augmentation", augmentation.map { $0.description.yamlQuoted }), ("mixup", mixup),
      ("weight_average", weightAverage),
    ]
    return values.compactMap { key, value in value.map { "\(indent)\(key): \($0)" } }
  }
}

extension TrainingOptions {
  /// These options as the text of a YAML mapping.
  public var yaml: String { yamlLines(indent: "").joined(separator: "\n") + "\n" }

  /// Reads options from the text of a YAML mapping.
  public init(yaml: String, file: String) throws(FileError) {
    guard let node = try YAMLNode.parse(yaml, file: file) else {
      throw FileError(.invalid, file: file, expected: "settings", found: "an empty text")
    }
    try self.init(node, file: file)
  }
}
