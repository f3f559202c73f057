import NeuralNetwork

/// Which samples train and which validate; follows from the settings and the samples.
public struct SampleSplit: Sendable {
  /// The numbers of the training samples, ascending.
  public let training: [Int32]
  /// The numbers of the validation samples, ascending; never trained on.
  public let validation: [Int32]

  /// Splits the first samples of a source, as many as the settings' limit allows.
  ///
  /// - Throws: a ``SettingError`` where the settings leave no samples on a side, or ask for the shares
  ///   of classes where there are none.
  public init(_ source: some SampleSource, settings: TrainingSettings) throws(SettingError) {
    guard settings.stratifies else {
      try self.init(count: source.count, settings: settings)
      return
    }
    guard source.targets == .classes else {
      throw SettingError(
        "stratify", expected: "false, as the samples have no classes", found: "true")
    }
    let used = try Self.used(source.count, settings)
    try self.init(
      used: used, settings: settings, labels: source.labels((0..<Int32(used)).map { $0 }))
  }

  /// The same for samples of which nothing is known but their number, whose classes play no part.
  public init(count: Int, settings: TrainingSettings) throws(SettingError) {
    try self.init(used: try Self.used(count, settings), settings: settings, labels: nil)
  }

  private static func used(
    _ count: Int, _ settings: TrainingSettings
  ) throws(SettingError) -> Int {
    try settings.checkRanges()
    guard count <= Int32.max else {
      throw SettingError("data", expected: "at most \(Int32.max) samples", found: "\(count)")
    }
    return min(settings.limit ?? count, count)
  }

  private init(used: Int, settings: TrainingSettings, labels: [Int32]?) throws(SettingError) {
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
    guard let labels else {
      training = order[held...].sorted()
      validation = order[..<held].sorted()
      return
    }
    // The first of each class in a random order, as many as its share of those held out.
    var quotas = Self.quotas(of: labels, held: held)
    var sides: (training: [Int32], validation: [Int32]) = ([], [])
    for number in order {
      let label = labels[Int(number)]
      if let left = quotas[label], left > 0 {
        quotas[label] = left - 1
        sides.validation.append(number)
      } else {
        sides.training.append(number)
      }
    }
    (training, validation) = (sides.training.sorted(), sides.validation.sorted())
  }

  /// How many samples of each class are held out: its share of them, rounded so that they add up, up
  /// for those that rounding down would take most from.
  private static func quotas(of labels: [Int32], held: Int) -> [Int32: Int] {
    var counts: [Int32: Int] = [:]
    for label in labels { counts[label, default: 0] += 1 }
    var quotas = counts.mapValues { $0 * held / labels.count }
    let rest = held - quotas.values.reduce(0, +)
    let remainders = counts.map { (label: $0, rest: $1 * held % labels.count) }
      .sorted { $0.rest != $1.rest ? $0.rest > $1.rest : $0.label < $1.label }
    for (label, _) in remainders.prefix(rest) { quotas[label, default: 0] += 1 }
    return quotas
  }

  /// The training samples in the order of an epoch.
  func order(epoch: Int, settings: TrainingSettings) -> [Int32] {
    guard settings.shuffles else { return training }
    let random = CounterRandom(seed: settings.seed, .shuffle, epoch)
    return CounterRandom.permutation(training.count, using: random).map { training[Int($0)] }
  }
}
