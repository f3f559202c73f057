/// A setting whose value makes no sense, alone or with the data.
public struct SettingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The setting's name in a model file; the tool's flag is the same with dashes.
  public var setting: String
  /// What it has to be.
  public var expected: String
  /// What it is.
  public var found: String

  /// States what is wrong.
  public init(_ setting: String, expected: String, found: String) {
    self.setting = setting
    self.expected = expected
    self.found = found
  }

  /// One line: `batch_size: expected at least 1, found 0`.
  public var description: String { "\(setting): expected \(expected), found \(found)" }
}

extension TrainingSettings {
  /// Throws for the first setting that is out of its range.
  public func check() throws(SettingError) {
    try require(epochs >= 1 && epochs <= 1_000_000, "epochs", "1 to 1000000", "\(epochs)")
    try require(
      batchSize >= 1 && batchSize <= 65_536, "batch_size", "1 to 65536", "\(batchSize)")
    try require(
      learningRate >= 0 && learningRate.isFinite, "learning_rate", "a number of at least 0",
      "\(learningRate)")
    try require(
      validationFraction >= 0 && validationFraction < 1, "validation_fraction",
      "0 to below 1", "\(validationFraction)")
    try require((patience ?? 1) >= 1, "patience", "at least 1", "\(patience ?? 1)")
    try require(
      patience == nil || validationFraction > 0, "patience",
      "a validation_fraction above 0 beside it", "\(validationFraction)")
    try require((limit ?? 1) >= 1, "limit", "at least 1", "\(limit ?? 1)")
    try require(
      loss.labelSmoothing >= 0 && loss.labelSmoothing < 1, "label_smoothing", "0 to below 1",
      "\(loss.labelSmoothing)")
    try require(
      update.l2 >= 0 && update.l2.isFinite, "l2", "a number of at least 0", "\(update.l2)")
    try require(
      update.weightDecay >= 0 && update.weightDecay.isFinite, "weight_decay",
      "a number of at least 0", "\(update.weightDecay)")
    try require(
      update.l1 >= 0 && update.l1.isFinite, "l1", "a number of at least 0", "\(update.l1)")
    try require(mixup >= 0 && mixup <= 1, "mixup", "0 to 1", "\(mixup)")
    if let decay = weightAverage {
      try require(decay > 0 && decay < 1, "weight_average", "0 (none) to below 1", "\(decay)")
    }
    try augmentation.check()
    if let norm = update.clipNorm {
      try require(norm > 0 && norm.isFinite, "clip_norm", "a number above 0", "\(norm)")
    }
    try checkSchedule()
  }

  private func checkSchedule() throws(SettingError) {
    let length = scheduleEpochs ?? epochs
    try require(
      length >= 1 && length <= 1_000_000, "schedule_epochs", "1 to 1000000", "\(length)")
    try require(
      schedule.warmup >= 0 && schedule.warmup <= 1_000_000, "warmup", "epochs from 0",
      "\(schedule.warmup)")
    switch schedule.course {
    case .constant: return
    case .step(let every, let factor):
      try require(
        every >= 1 && every <= 1_000_000, "schedule.every", "1 to 1000000 epochs", "\(every)")
      try require(factor > 0 && factor <= 1, "schedule.factor", "above 0 to 1", "\(factor)")
    case .exponential(let factor):
      try require(factor > 0 && factor <= 1, "schedule.factor", "above 0 to 1", "\(factor)")
    case .cosine(let final):
      try require(final >= 0 && final <= 1, "schedule.final", "0 to 1", "\(final)")
    case .cosineRestarts(let period, let growth, let final):
      try require(
        period >= 0.001 && period <= 1_000_000, "schedule.period", "0.001 to 1000000 epochs",
        "\(period)")
      try require(growth >= 1 && growth <= 1000, "schedule.growth", "1 to 1000", "\(growth)")
      try require(final >= 0 && final <= 1, "schedule.final", "0 to 1", "\(final)")
    case .plateau(let factor, let patience):
      try require(factor > 0 && factor < 1, "schedule.factor", "above 0 to below 1", "\(factor)")
      try require(patience >= 1, "schedule.patience", "at least 1 epoch", "\(patience)")
      try require(
        validationFraction > 0, "schedule.plateau", "a validation_fraction above 0 beside it",
        "\(validationFraction)")
    case .oneCycle(let rise):
      try require(rise > 0 && rise < 1, "schedule.rise", "above 0 to below 1", "\(rise)")
    }
  }

  private func require(
    _ condition: Bool, _ setting: String, _ expected: String, _ found: String
  ) throws(SettingError) {
    if !condition { throw SettingError(setting, expected: expected, found: found) }
  }
}
