/// A number besides the loss that says how well a network does.
///
/// It is computed from sums over samples, so that parts of a set can be worked on by several threads
/// and added up in a fixed order. A metric of your own can be named in a model file once it is
/// registered (``MetricRegistry``).
public protocol Metric: Configurable, Equatable {
  /// Whether less of it is better.
  static var improvesDownwards: Bool { get }
  /// Whether it tells right answers from wrong ones, so that targets must be classes or labels.
  static var judgesLabels: Bool { get }

  /// How many sums it needs for so many outputs.
  func sumCount(outputs: Int) -> Int
  /// Adds what some samples contribute to its sums.
  ///
  /// - Parameters:
  ///   - batch: what the outputs stand for (probabilities, where the loss says so), and the targets as
  ///     the samples have them, whatever smoothing the loss sees.
  ///   - hasClasses: whether the largest target is at the sample's one class, as where samples have
  ///     classes, or outputs are the probabilities of one among many; otherwise each output
  ///     is a matter of its own, and a label is there where the target is above 1/2.
  ///   - sums: ``sumCount(outputs:)`` of them, added to.
  func add(_ batch: OutputBatch, hasClasses: Bool, to sums: UnsafeMutablePointer<Double>)
  /// The value for the sums over some samples, at least one.
  func value(_ sums: UnsafeBufferPointer<Double>, samples: Int) -> Double
}

extension Metric {
  /// No settings by default.
  public static var settings: [Setting<Self>] { [] }
  /// More is better by default.
  public static var improvesDownwards: Bool { false }
  /// Right answers are told from wrong ones by default.
  public static var judgesLabels: Bool { true }
  /// The kind, with its settings where it has some: `f1`, `top_k_accuracy:k=5`.
  public var name: String { wholeText }
  /// One sum by default.
  public func sumCount(outputs: Int) -> Int { 1 }
  /// The mean over the samples by default.
  public func value(_ sums: UnsafeBufferPointer<Double>, samples: Int) -> Double {
    (sums.first ?? 0) / Double(samples)
  }
}

/// The value of a metric.
public struct MetricValue: Hashable, Sendable {
  /// The metric's ``Metric/name``.
  public let name: String
  /// Its value.
  public let value: Double

  /// Creates one.
  public init(name: String, value: Double) { (self.name, self.value) = (name, value) }
}

/// The metrics that a model file and a flag can name.
public enum MetricRegistry {
  private static let registry = KindRegistry<any Metric.Type>(
    of: "metric",
    [
      Accuracy.self, TopKAccuracy.self, Precision.self, Recall.self, F1.self,
      MeanAbsoluteError.self, MeanSquaredError.self,
    ], name: { $0.kind }, isSame: { $0 == $1 })

  /// Adds a metric of your own, whose name no other has, to those that can be named; adding it again does
  /// nothing.
  public static func register(_ metric: any Metric.Type) { registry.register(metric) }

  /// The names of all.
  public static var kinds: [String] { registry.names }

  /// The texts of our own, with the values they have where none are stated.
  package static var forms: [String] { registry.own.map { shortened($0.prototype.name) } }

  /// Reads a metric: its kind, or `kind:key=value,key=value`; `key` is what an error names.
  ///
  /// - Throws: a ``SettingError`` for an unknown kind or key, or a value that makes no sense.
  public static func metric(
    _ text: String, of key: String = "metric"
  ) throws(SettingError) -> any Metric {
    do throws(SettingError) {
      let (type, pairs) = try registry.find(text)
      return try type.make(pairs: pairs, of: "metric")
    } catch {
      var error = error
      error.setting = key + error.setting.dropFirst("metric".count)
      throw error
    }
  }
}
