import NeuralNetwork

/// The metrics that a run computes after each epoch, from its validation samples.
public struct MetricList: Sendable {
  /// The metrics, in the order of their names' first mention.
  public var metrics: [any Metric]

  /// Lists metrics.
  public init(_ metrics: [any Metric] = []) { self.metrics = metrics }

  /// Whether the list has a metric of this name.
  func contains(_ name: String) -> Bool { metrics.contains { $0.name == name } }
}

extension Metric {
  /// Throws where one of its settings is out of its range; `key` is the setting that names it.
  func check(of key: String) throws(SettingError) {
    do throws(SettingError) {
      try checkRanges()
    } catch {
      throw error.inside(key)
    }
  }
}

extension MetricList: SettingValue {
  /// `none`, or names.
  public static var form: String { "none, or comma-separated names" }
  /// `none` lists none.
  public static var off: String? { "none" }
  /// The names.
  public var text: String {
    metrics.isEmpty ? "none" : metrics.map(\.name).joined(separator: ",")
  }

  /// Reads `none` or names, separated by commas.
  public static func value(_ text: String, of key: String) throws(SettingError) -> MetricList {
    guard text != "none" else { return MetricList() }
    // A part without a name belongs to the settings of the metric before it.
    var names: [String] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      if let last = names.last, last.contains(":"), !part.contains(":"), part.contains("=") {
        names[names.count - 1] = "\(last),\(part)"
      } else {
        names.append(String(part))
      }
    }
    var list = MetricList()
    for name in names { list.metrics.append(try MetricRegistry.metric(name, of: key)) }
    try list.check(of: key)
    return list
  }

  /// Throws for a metric that is listed twice, or whose own settings make no sense.
  public func check(of key: String) throws(SettingError) {
    var names: Set<String> = []
    for metric in metrics {
      try metric.check(of: key)
      guard names.insert(metric.name).inserted else {
        throw SettingError(key, expected: "each metric once", found: "\(metric.name) twice")
      }
    }
  }

  /// Whether both list the same in the same order.
  public static func == (a: MetricList, b: MetricList) -> Bool { a.text == b.text }
}
