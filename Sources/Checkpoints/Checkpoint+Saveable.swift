import Files
import ModelFiles
import NeuralNetwork
import Training

extension Checkpoint {
  /// Throws where a file of this could not be read again, and names what prevents it: an optimizer
  /// of your own, a number out of its range, a name too many. Whatever ``init(contentsOf:)``
  /// refuses in an intact file is refused here.
  ///
  /// ``save(to:keepingOldAt:)`` checks this too, but by then the run has been trained: check before
  /// it, and nothing is lost.
  ///
  /// - Throws: a `ModelError`, `SettingError` or `FileError`.
  public func verifySaveable() throws {
    guard model.spec == state.network.spec else {
      throw ModelError(
        "the network of \(state.network.spec.name.debugDescription) is not the one that the model"
          + " file of \(model.spec.name.debugDescription) states")
    }
    try settings.loss.check(state.network)
    try Self.verifyStateable(settings, state.basis.hasValidationSet)
    try state.check(settings)
    guard state.isForUse || (state.average == nil) == (settings.weightAverage == nil) else {
      throw SettingError(
        "weight_average",
        expected: state.average == nil ? "none, as the state has" : "one, as the state has",
        found: settings.weightAverage.map { "\($0)" } ?? "none")
    }
    if !classNames.isEmpty || !state.basis.hasValues {
      try Self.verify(classNames, outputs: state.network.outputShape.count)
    }
    if let version, !Self.isVersion(version) {
      throw SettingError(
        "version", expected: Self.versionForm, found: version.debugDescription)
    }
    try Self.verifyTexts([model.text], "model")
    // What stands for a reference that is not there.
    try Self.verifyTexts([state.basis.dataSHA256 ?? ""], "data")
    try Self.verifyTexts([state.basis.validationSHA256 ?? ""], "validation data")
    if let data {
      try Self.verifyTexts(data.paths, "data")
      try Self.verifyTexts([data.sha256], "data")
      if let known = state.basis.dataSHA256, known != data.sha256 {
        throw SettingError(
          "data", expected: "the SHA-256 \(known), as the run began with",
          found: "the SHA-256 \(data.sha256)")
      }
    }
    if let validation {
      guard state.basis.hasValidationSet else {
        throw SettingError(
          "validation data", expected: "none, as the run has", found: "a reference to some")
      }
      try Self.verifyTexts(validation.paths, "validation data")
      try Self.verifyTexts([validation.sha256], "validation data")
      if let known = state.basis.validationSHA256, known != validation.sha256 {
        throw SettingError(
          "validation data", expected: "the SHA-256 \(known), as the run began with",
          found: "the SHA-256 \(validation.sha256)")
      }
    }
    for name in Set(state.history.flatMap { ($0.validationMetrics ?? [:]).keys }) {
      try Self.verifyTexts([name], "metrics")
    }
    try ProgressFile.verify(state, file: "the state")
  }

  /// Throws unless the settings survive a file: as options, and those as text.
  private static func verifyStateable(
    _ settings: TrainingSettings, _ hasValidationSet: Bool
  ) throws {
    let options = TrainingOptions(settings)
    _ = try options.resolve(defaultSeed: settings.seed, hasValidationSet: hasValidationSet)
    let read = try TrainingOptions(yaml: options.yaml, file: "the settings")
      .resolve(defaultSeed: settings.seed, hasValidationSet: hasValidationSet)
    guard read.update.optimizer.isEqual(to: settings.update.optimizer) else {
      throw SettingError(
        "optimizer", expected: "the \(settings.update.optimizer.kind) that a file can state",
        found: "\(settings.update.optimizer)")
    }
    guard TrainingOptions(read) == options else {
      throw SettingError(
        "training", expected: "settings that a file can state",
        found: "\(options) that would be read as \(TrainingOptions(read))")
    }
  }

  private static func verify(_ names: [String], outputs: Int) throws(SettingError) {
    guard names.count == outputs else {
      throw SettingError(
        "classes", expected: "\(outputs) names, one for each output", found: "\(names.count)")
    }
    try verifyTexts(names, "classes")
  }

  /// The file holds texts of one fixed length, ended by U+0000, in a limited number of bytes.
  private static func verifyTexts(_ texts: [String], _ name: String) throws(SettingError) {
    guard !texts.contains(where: { $0.utf8.contains(0) }) else {
      throw SettingError(name, expected: "text without the character U+0000", found: "one with it")
    }
    let bytes = texts.count * max(1, texts.map(\.utf8.count).max() ?? 1)
    guard bytes <= largestText else {
      throw SettingError(
        name, expected: "at most \(largestText) bytes, every text as long as the longest",
        found: "\(bytes)")
    }
  }
}

extension Optimizer {
  package func isEqual(to other: any Optimizer) -> Bool { (other as? Self) == self }
}
