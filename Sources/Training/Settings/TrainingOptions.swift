import NeuralNetwork

/// Settings as a model file or a command line states them: each may be left out.
///
/// ``resolve(defaultSeed:hasValidationSet:)`` fills the gaps with defaults and turns them into ``TrainingSettings``.
/// What can be stated, and how it is read and checked, is in the tables of ``TrainingSettings`` and
/// of the optimizers; a setting is named here only where it depends on another one.
public struct TrainingOptions: Sendable, Equatable, CustomStringConvertible {
  /// What is stated, each value as its type writes it: 0.10 and 0.1 are the same.
  private var texts: [String: String] = [:]

  /// States nothing.
  public init() {}

  /// States settings by their keys.
  ///
  /// - Throws: a ``SettingError`` for a key that is unknown, or a value that makes no sense.
  public init(_ settings: KeyValuePairs<String, String>) throws(SettingError) {
    for (key, text) in settings { try state(key, text) }
  }

  /// The text of a setting; `nil` where it is not stated.
  public subscript(key: String) -> String? { texts[key] }

  /// Whether nothing is stated.
  public var isEmpty: Bool { texts.isEmpty }

  /// States a setting in place of what was stated of it.
  ///
  /// - Throws: a ``SettingError`` for a key that is unknown, or a value that makes no sense.
  public mutating func state(_ key: String, _ text: String) throws(SettingError) {
    if let setting = TrainingSettings.settings.first(where: { $0.key == key }) {
      var settings = TrainingSettings.prototype
      try setting.read(text, &settings)
      texts[key] = setting.text(settings)
    } else if let optimizer = Self.owners(of: key).first {
      texts[key] = try optimizer.text(of: key, stated: text)
    } else {
      throw SettingError(
        key, expected: "a key of \(Self.keys.joined(separator: ", "))", found: key,
        hint: Self.keys.closest(to: key))
    }
  }

  /// These options, with the gaps filled from `other`.
  ///
  /// What belongs to an optimizer goes with it: where both name one and they differ, the learning
  /// rate, momentum, decay and the like of the other one are left out.
  public func filled(from other: TrainingOptions) -> TrainingOptions {
    let (mine, others) = (texts["optimizer"], other.texts["optimizer"])
    let sameOptimizer = mine == nil || others == nil || mine == others
    var result = self
    for (key, text) in other.texts where sameOptimizer || !Self.goesWithOptimizer(key) {
      result.texts[key] = result.texts[key] ?? text
    }
    // What has a meaning with patience alone goes with it, and likewise with what is set aside.
    if texts["patience"] == "none", texts["min_delta"] == nil { result.texts["min_delta"] = nil }
    // A fold and a fraction take each other's place.
    if Self.isStated(texts["fold"]), texts["validation_fraction"] == nil {
      result.texts["validation_fraction"] = nil
    }
    if let fraction = texts["validation_fraction"], fraction != "0.0", texts["fold"] == nil {
      result.texts["fold"] = nil
    }
    let setsNothingAside =
      !Self.isStated(result.texts["fold"]) && result.texts["validation_fraction"] ?? "0.0" == "0.0"
      && (texts["validation_fraction"] != nil || Self.isStated(other.texts["fold"]))
    if setsNothingAside, texts["stratify"] == nil { result.texts["stratify"] = nil }
    return result
  }

  /// These options for a run with samples for validation alone: those take the place of the share of
  /// the training samples that the options set aside, if any.
  public var forValidationSet: TrainingOptions {
    var result = self
    for key in ["validation_fraction", "fold", "stratify"] { result.texts[key] = nil }
    return result
  }

  /// Whether a text states something else than none.
  private static func isStated(_ text: String?) -> Bool { text ?? "none" != "none" }

  /// The settings these options mean, with defaults for what they leave out.
  ///
  /// - Parameters:
  ///   - defaultSeed: the seed where none is stated.
  ///   - hasValidationSet: whether there are samples for validation alone.
  /// - Throws: a ``SettingError`` where they do not go together.
  public func resolve(
    defaultSeed: UInt64, hasValidationSet: Bool = false
  ) throws(SettingError) -> TrainingSettings {
    let type = try OptimizerRegistry.type(of: texts["optimizer"] ?? Adam.kind)
    for about in Self.descriptions {
      let (key, owners) = (about.key, about.owners)
      // What the optimizer does not have is off anyway.
      guard let text = texts[key], text != about.off else { continue }
      guard owners.isEmpty || owners.contains(type.kind) else {
        throw SettingError(
          key, expected: "the optimizer \(owners.joined(separator: " or ")) with it",
          found: type.kind)
      }
    }
    let optimizer: any Optimizer = try type.make { texts[$0] }
    var settings = TrainingSettings()
    settings.update = UpdateRule(optimizer)
    settings.learningRate = optimizer.defaultLearningRate
    settings.seed = defaultSeed
    if Self.isStated(texts["patience"]), !Self.isStated(texts["fold"]), !hasValidationSet {
      settings.validationFraction = 0.1
    }
    for setting in TrainingSettings.settings where setting.key != "optimizer" {
      if let text = texts[setting.key] { try setting.read(text, &settings) }
    }
    try settings.check(hasValidationSet: hasValidationSet)
    return settings
  }

  /// The options that mean these settings.
  public init(_ settings: TrainingSettings) {
    let standard = Dictionary(
      uniqueKeysWithValues: TrainingSettings.prototype.texts.map { ($0.key, $0.text) })
    // What came after the first format is written only where it differs from its default: the state
    // of a run that does not use it has the bytes, and the digest, that it had before.
    for (key, text) in settings.texts
    where text != "none" && (Self.firstKeys.contains(key) || text != standard[key]) {
      texts[key] = text
    }
    for (key, text) in settings.update.optimizer.texts { texts[key] = text }
  }

  private static let firstKeys: Set = [
    "optimizer", "learning_rate", "weight_decay", "l2", "clip_norm", "schedule", "warmup",
    "schedule_epochs", "loss", "label_smoothing", "epochs", "batch_size", "seed", "shuffle",
    "validation_fraction", "patience", "limit",
  ]

  /// What is stated, on one line.
  public var description: String {
    stated.map { "\($0.key)=\($0.text)" }.joined(separator: " ")
  }

  /// What is stated, in the order of ``descriptions``.
  public var stated: [(key: String, text: String)] {
    Self.keys.compactMap { key in texts[key].map { (key, $0) } }
  }
}

extension TrainingOptions {
  /// Everything that can be stated: the settings, and after the learning rate the optimizers' own
  /// ones.
  public static let descriptions: [SettingDescription] = {
    var own: [SettingDescription] = []
    for optimizer in OptimizerRegistry.all {
      let table = optimizer.descriptions
      for (number, about) in table.enumerated() where !own.contains(where: { $0.key == about.key })
      {
        var about = about
        about.owners = owners(of: about.key).map { $0.kind }
        // Before what comes after it in its optimizer's own table.
        let next = own.firstIndex { other in table[number...].contains { $0.key == other.key } }
        own.insert(about, at: next ?? own.count)
      }
    }
    var all = TrainingSettings.descriptions
    all.insert(contentsOf: own, at: 2)
    return all
  }()

  /// The keys of a model file's `training:` block.
  public static let keys = descriptions.map(\.key)

  /// The optimizers that have a setting of this key.
  private static func owners(of key: String) -> [any Optimizer.Type] {
    OptimizerRegistry.all.filter { $0.keys.contains(key) }
  }

  private static func goesWithOptimizer(_ key: String) -> Bool {
    ["optimizer", "learning_rate", "weight_decay"].contains(key) || !owners(of: key).isEmpty
  }
}

extension Configurable {
  /// The text of a setting as its type writes it.
  fileprivate static func text(
    of key: String, stated: String
  ) throws(SettingError) -> String? {
    try make { $0 == key ? stated : nil }.texts.first { $0.key == key }?.text
  }
}
