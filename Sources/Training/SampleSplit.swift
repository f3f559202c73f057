import NeuralNetwork

/// Which samples train and which validate; follows from the settings and the number of samples.
public struct SampleSplit: Sendable {
  /// The numbers of the training samples, ascending.
  public let training: [Int32]
  /// The numbers of the validation samples, ascending; never trained on.
  public let validation: [Int32]

  /// Splits the first samples of a set, as many as the settings' limit allows.
  public init(count: Int, settings: TrainingSettings) throws(SettingError) {
    try settings.check()
    guard count <= Int32.max else {
      throw SettingError("data", expected: "at most \(Int32.max) samples", found: "\(count)")
    }
    let used = min(settings.limit ?? count, count)
    let held = Int((Double(used) * settings.validationFraction).rounded())
    guard settings.validationFraction == 0 || (held >= 1 && held < used) else {
      throw SettingError(
        "validation_fraction", expected: "a share that leaves samples on both sides",
        found: "\(settings.validationFraction) of \(used) samples")
    }
    guard used >= 1 else {
      throw SettingError("data", expected: "at least 1 training sample", found: "none")
    }
    if held == 0 {
      training = (0..<Int32(used)).map { $0 }
      validation = []
      return
    }
    let order = CounterRandom.permutation(
      used, using: CounterRandom(seed: settings.seed, .validationSplit))
    training = order[held...].sorted()
    validation = order[..<held].sorted()
  }

  /// The training samples in the order of an epoch.
  func order(epoch: Int, settings: TrainingSettings) -> [Int32] {
    guard settings.shuffles else { return training }
    let random = CounterRandom(seed: settings.seed, .shuffle, epoch)
    return CounterRandom.permutation(training.count, using: random).map { training[Int($0)] }
  }
}
