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
    guard used >= 1 else {
      throw SettingError("data", expected: "at least 1 training sample", found: "none")
    }
    guard settings.setsAside else {
      training = (0..<Int32(used)).map { $0 }
      validation = []
      return
    }
    let order = CounterRandom.permutation(
      used, using: CounterRandom(seed: settings.seed, .validationSplit))
    let sides =
      if let fold = settings.fold {
        try Self.sides(order, fold: fold, labels: labels)
      } else {
        try Self.sides(order, fraction: settings.validationFraction, labels: labels)
      }
    (training, validation) = (sides.training.sorted(), sides.validation.sorted())
  }

  private typealias Sides = (training: [Int32], validation: [Int32])

  /// Deals samples in a random order to folds like cards. Those of a class come one after the other, if
  /// classes count, so that each fold has its share of them, up to one.
  private static func sides(
    _ order: [Int32], fold: Fold, labels: [Int32]?
  ) throws(SettingError) -> Sides {
    guard fold.count <= order.count else {
      throw SettingError(
        "fold", expected: "at most as many folds as samples",
        found: "\(fold.text) of \(order.count) samples")
    }
    var order = order
    if let labels {
      var classes: [Int32: [Int32]] = [:]
      for number in order { classes[labels[Int(number)], default: []].append(number) }
      order = classes.sorted { $0.key < $1.key }.flatMap(\.value)
    }
    var sides: Sides = ([], [])
    for (place, number) in order.enumerated() {
      if fold.contains(place: place) {
        sides.validation.append(number)
      } else {
        sides.training.append(number)
      }
    }
    return sides
  }

  /// Holds out the first samples of a random order; of each class its share of them, if classes count.
  private static func sides(
    _ order: [Int32], fraction: Double, labels: [Int32]?
  ) throws(SettingError) -> Sides {
    let held = Int((Double(order.count) * fraction).rounded())
    guard held >= 1, held < order.count else {
      throw SettingError(
        "validation_fraction", expected: "a share that leaves samples on both sides",
        found: "\(fraction) of \(order.count) samples")
    }
    guard let labels else { return (Array(order[held...]), Array(order[..<held])) }
    var quotas = Self.quotas(of: labels, held: held)
    var sides: Sides = ([], [])
    for number in order {
      let label = labels[Int(number)]
      if let left = quotas[label], left > 0 {
        quotas[label] = left - 1
        sides.validation.append(number)
      } else {
        sides.training.append(number)
      }
    }
    return sides
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
