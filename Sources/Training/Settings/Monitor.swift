import NeuralNetwork

/// What the best epoch, patience and the plateau schedule go by: a result of validation, of which more
/// or less is better.
public enum Monitor: Sendable {
  /// The accuracy where samples have classes, the loss otherwise.
  case automatic
  /// The validation loss.
  case loss
  /// A metric of the validation samples.
  case metric(any Metric)

  /// How good an epoch is, more being better; `nil` where it was not validated so.
  func score(of record: EpochRecord) -> Double? {
    switch self {
    case .automatic: record.validationAccuracy ?? record.validationLoss.map { -$0 }
    case .loss: record.validationLoss.map { -$0 }
    case .metric(let metric):
      record.value(ofMetric: metric).map { type(of: metric).improvesDownwards ? -$0 : $0 }
    }
  }

  /// Whether an epoch is better than another: by this, or, as good by this, with less validation loss.
  /// One whose loss is not finite is better than none.
  package func isBetter(_ record: EpochRecord, than other: EpochRecord) -> Bool {
    guard let score = score(of: record), let loss = record.validationLoss else { return false }
    guard let otherScore = self.score(of: other), let otherLoss = other.validationLoss else {
      return true
    }
    return score > otherScore || (score == otherScore && loss < otherLoss)
  }

  /// What it goes by in an epoch, for messages: `accuracy`, `loss`, `f1`; and its value.
  package func shown(_ record: EpochRecord) -> (name: String, value: Double)? {
    switch self {
    case .automatic:
      record.validationAccuracy.map { ("accuracy", $0) }
        ?? record.validationLoss.map { ("loss", $0) }
    case .loss: record.validationLoss.map { ("loss", $0) }
    case .metric(let metric): record.value(ofMetric: metric).map { (metric.name, $0) }
    }
  }
}

extension EpochRecord {
  /// The value of a metric of the validation samples.
  fileprivate func value(ofMetric metric: any Metric) -> Double? {
    validationMetrics?[metric.name] ?? (metric is Accuracy ? validationAccuracy : nil)
  }
}

extension Monitor: SettingValue {
  private static let prefix = "val_"

  /// `auto`, `val_loss`, or a metric's name.
  public static var form: String { "auto, val_loss, or val_ and a metric's name" }
  /// `auto` and the names of losses and metrics.
  public static var choices: [String] {
    ["auto", "val_loss"] + MetricRegistry.kinds.map { prefix + $0 }
  }
  /// The text that is read back as this value.
  public var text: String {
    switch self {
    case .automatic: "auto"
    case .loss: Self.prefix + "loss"
    case .metric(let metric): Self.prefix + metric.name
    }
  }

  /// Reads `auto`, `val_loss`, or a metric's name, with `val_` before it or without.
  public static func value(_ text: String, of key: String) throws(SettingError) -> Monitor {
    if text == "auto" { return .automatic }
    let name = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    if name == "loss" { return .loss }
    do throws(SettingError) {
      return .metric(try MetricRegistry.metric(name, of: key))
    } catch {
      // An error in the settings of a metric that is known says what is wrong there.
      guard error.setting == key, error.found == name else { throw error }
      throw SettingError(
        key,
        expected:
          "auto, val_loss, or val_ and one of \(MetricRegistry.forms.joined(separator: ", "))",
        found: text, hint: choices.closest(to: text))
    }
  }

  /// Throws where the settings of its metric make no sense.
  public func check(of key: String) throws(SettingError) {
    if case .metric(let metric) = self { try metric.check(of: key) }
  }

  /// Whether both go by the same.
  public static func == (a: Monitor, b: Monitor) -> Bool { a.text == b.text }
}
