import NeuralNetwork

/// What the steps of a run are made of: which samples train, in which order and in which batches.
///
/// A state is resumed with the same basis only, even at the end of an epoch, as it promises to end
/// as if it had never stopped. For another basis, start anew from the weights with
/// ``TrainingState/init(network:settings:)``.
package struct RunBasis: Hashable, Sendable {
  /// The texts of the settings that are fixed for a run (``SettingDescription/ResumeRule``), by key.
  private let fixed: [String: String]
  /// Samples between two updates.
  package let batchSize: Int
  /// The number of samples that there are; `nil` until a trainer has seen them, also when read from
  /// a file.
  package var samples: Int?
  /// Their ``SampleSource/sha256``; `nil` where it is not known.
  package var dataSHA256: String?
  /// The number of samples for validation alone; `nil` where there are none.
  package var validationSamples: Int?
  /// Their digest; `nil` where it is not known.
  package var validationSHA256: String?
  /// Whether it is known that the samples have numbers for targets, and no classes.
  package var hasValues = false

  init(_ settings: TrainingSettings) {
    batchSize = settings.batchSize
    var fixed = Dictionary(
      uniqueKeysWithValues: TrainingSettings.settings.filter { $0.about.onResume == .fixed }
        .map { ($0.key, $0.text(settings)) })
    if settings.hasFirstShards { fixed["shards"] = "\(ShardRule.first.most) of any size" }
    self.fixed = fixed
  }

  fileprivate func check(_ settings: TrainingSettings) throws(SettingError) {
    let other = RunBasis(settings)
    for key in TrainingSettings.keys { try Self.check(key, fixed[key], other.fixed[key]) }
  }

  /// Whether the run validates with samples that are there for that alone.
  package var hasValidationSet: Bool { validationSamples != nil }

  fileprivate func checkValidation(samples: Int?, sha256: String?) throws(SettingError) {
    func name(_ samples: Int?) -> String { samples.map { "\($0) samples" } ?? "none" }
    try Self.check("validation data", name(validationSamples), name(samples))
    if let own = validationSHA256, let sha256 {
      try Self.check("validation data", "the SHA-256 \(own)", "the SHA-256 \(sha256)")
    }
  }

  fileprivate func check(samples: Int, sha256: String?) throws(SettingError) {
    if let own = self.samples { try Self.check("data", "\(own) samples", "\(samples) samples") }
    if let own = dataSHA256, let sha256 {
      try Self.check("data", "the SHA-256 \(own)", "the SHA-256 \(sha256)")
    }
  }

  private static func check(
    _ setting: String, _ own: String?, _ other: String?
  ) throws(SettingError) {
    guard let own, let other, own != other else { return }
    throw SettingError(setting, expected: "\(own), as the run began with", found: other)
  }
}

extension TrainingState {
  /// Throws where this state cannot be resumed under some settings: their ``RunBasis`` differs from
  /// the one it began with, or its memory is another optimizer's, or a part of it.
  ///
  /// Whatever affects later steps alone may change: the epochs and their schedule, the learning
  /// rate, the loss, regularization, augmentation, mixup, patience, and the optimizer's numbers.
  package func check(_ settings: TrainingSettings) throws(SettingError) {
    try basis.check(settings)
    let rule = settings.update.optimizer
    guard optimizer.isMemory(of: rule) else {
      throw SettingError(
        "optimizer", expected: "\(optimizer.owner), whose memory the state holds",
        found: OptimizerState.name(rule.kind, rule.slots))
    }
    let trained = network.layout.trainedCount
    let counts = optimizer.slots.map(\.count), wanted = isForUse ? 0 : optimizer.slotNames.count
    guard counts == [Int](repeating: trained, count: wanted) else {
      throw SettingError(
        "state", expected: "\(wanted) slots of \(trained) floats, one for each trained weight",
        found: "\(counts)")
    }
    guard !isDivided else {
      throw SettingError(
        "state",
        expected: "the whole of the optimizer's memory, as a Run saves it and has it after epochs",
        found: "a part, as other ranks have the rest")
    }
    guard (average?.count ?? network.layout.count) == network.layout.count else {
      throw SettingError(
        "state", expected: "an average of \(network.layout.count) floats, as the network has",
        found: "one of \(average?.count ?? 0)")
    }
    guard epoch >= 0, batch >= 0, optimizer.step >= 0, history.count == epoch else {
      throw SettingError(
        "state",
        expected: "an epoch, a batch and a step from 0 and a record of each finished epoch",
        found: "epoch \(epoch), batch \(batch), step \(optimizer.step) and \(history.count) records"
      )
    }
  }

  /// Throws where the samples are known to differ from those the run began with; otherwise
  /// remembers what they are.
  mutating func settle(
    on data: some SampleSource, validation: (any SampleSource)?
  ) throws(SettingError) {
    let sha256 = data.sha256
    try basis.check(samples: data.count, sha256: sha256)
    if basis.hasValues, data.targets == .classes {
      throw SettingError(
        "data", expected: "numbers for targets, as the run began with", found: "classes")
    }
    basis.hasValues = data.targets != .classes
    basis.samples = data.count
    basis.dataSHA256 = basis.dataSHA256 ?? sha256
    let validationSHA256 = validation?.sha256
    // Before the first step there is nothing that another set could contradict.
    if optimizer.step > 0 {
      try basis.checkValidation(samples: validation?.count, sha256: validationSHA256)
    }
    guard let validation else {
      (basis.validationSamples, basis.validationSHA256) = (nil, nil)
      return
    }
    if let validationSHA256, validationSHA256 == sha256 {
      throw SettingError(
        "validation data", expected: "other samples than those that train",
        found: "the SHA-256 \(validationSHA256) of both")
    }
    basis.validationSamples = validation.count
    basis.validationSHA256 = validationSHA256 ?? basis.validationSHA256
  }
}
