import NeuralNetwork

/// What the training losses of the classes' samples are multiplied by.
public enum ClassWeights: Hashable, Sendable {
  /// All count alike.
  case none
  /// Each class counts as much as the others, however many samples it has: samples / (classes · the
  /// class's samples).
  case balanced
  /// A weight for each class, from 0.
  case list([Float])

  /// The weights for a network's outputs; `nil` where all count alike.
  ///
  /// - Parameter labels: those of the training samples, each below `outputs`.
  /// - Throws: a ``SettingError`` where there is another number of weights than outputs.
  func values(outputs: Int, labels: [Int32]) throws(SettingError) -> [Float]? {
    switch self {
    case .none: return nil
    case .balanced:
      var counts = [Int](repeating: 0, count: outputs)
      for label in labels { counts[Int(label)] += 1 }
      return counts.map { $0 == 0 ? 0 : Float(labels.count) / Float(outputs * $0) }
    case .list(let weights):
      guard weights.count == outputs else {
        throw SettingError(
          "class_weights", expected: "\(outputs) weights, one for each output",
          found: "\(weights.count)")
      }
      return weights
    }
  }
}

extension ClassWeights: SettingValue {
  /// `none`, `balanced`, or weights.
  public static var form: String {
    "none, balanced, or comma-separated weights, one for each class"
  }
  /// `none` weighs all alike.
  public static var off: String? { "none" }
  /// The text that is read back as this value.
  public var text: String {
    switch self {
    case .none: "none"
    case .balanced: "balanced"
    case .list(let weights): weights.map(\.text).joined(separator: ",")
    }
  }

  /// Reads `none`, `balanced`, or weights separated by commas.
  public static func value(_ text: String, of key: String) throws(SettingError) -> ClassWeights {
    switch text {
    case "none": return .none
    case "balanced": return .balanced
    default:
      let weights = text.split(separator: ",", omittingEmptySubsequences: false).map {
        Float($0.trimmingPrefix(" "))
      }
      let value = ClassWeights.list(weights.compactMap { $0 })
      guard !weights.contains(nil) else {
        throw SettingError(key, expected: form, found: text)
      }
      try value.check(of: key)
      return value
    }
  }

  /// Throws for a weight that is below 0 or not finite.
  public func check(of key: String) throws(SettingError) {
    guard case .list(let weights) = self else { return }
    if let bad = weights.first(where: { !($0 >= 0 && $0.isFinite) }) {
      throw SettingError(key, expected: "weights of at least 0", found: bad.text)
    }
    guard weights.contains(where: { $0 > 0 }) else {
      throw SettingError(key, expected: "a weight above 0", found: text)
    }
  }
}
