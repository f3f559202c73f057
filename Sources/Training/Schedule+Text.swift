extension Schedule.Course: CustomStringConvertible {
  /// The courses, as ``init(_:)`` reads them, with the values they have where none are stated.
  public static let forms = [
    "constant", "step:every=1,factor=0.5", "exponential:factor=0.9", "cosine:final=0",
    "cosine_restarts:period=1,growth=2,final=0", "plateau:factor=0.5,patience=2",
    "one_cycle:rise=0.3",
  ]

  /// Reads a course: its name, or `name:key=value,key=value`.
  ///
  /// - Throws: a ``SettingError`` for an unknown name or key, or a value that is no number.
  public init(_ text: String) throws(SettingError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    var values: [String: Double] = [:]
    for pair in parts.count > 1 ? parts[1].split(separator: ",") : [] {
      let sides = pair.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, let value = Double(sides[1]), value.isFinite else {
        throw SettingError("schedule", expected: "key=number behind the colon", found: "\(pair)")
      }
      guard values.updateValue(value, forKey: String(sides[0])) == nil else {
        throw SettingError("schedule", expected: "each key once", found: "\(sides[0]) twice")
      }
    }
    func take(_ key: String, _ standard: Double) -> Double {
      values.removeValue(forKey: key) ?? standard
    }
    switch name {
    case "constant": self = .constant
    case "step":
      let every = try Self.wholeEpochs("every", take("every", 1))
      self = .step(every: every, factor: take("factor", 0.5))
    case "exponential": self = .exponential(factor: take("factor", 0.9))
    case "cosine": self = .cosine(final: take("final", 0))
    case "cosine_restarts":
      self = .cosineRestarts(
        period: take("period", 1), growth: take("growth", 2), final: take("final", 0))
    case "plateau":
      let patience = try Self.wholeEpochs("patience", take("patience", 2))
      self = .plateau(factor: take("factor", 0.5), patience: patience)
    case "one_cycle": self = .oneCycle(rise: take("rise", 0.3))
    default: throw Self.unknown(text)
    }
    guard values.isEmpty else { throw Self.unknown(text) }
  }

  /// The text that ``init(_:)`` reads this course from.
  public var description: String {
    switch self {
    case .constant: "constant"
    case .step(let every, let factor): "step:every=\(every),factor=\(factor)"
    case .exponential(let factor): "exponential:factor=\(factor)"
    case .cosine(let final): "cosine:final=\(final)"
    case .cosineRestarts(let period, let growth, let final):
      "cosine_restarts:period=\(period),growth=\(growth),final=\(final)"
    case .plateau(let factor, let patience): "plateau:factor=\(factor),patience=\(patience)"
    case .oneCycle(let rise): "one_cycle:rise=\(rise)"
    }
  }

  /// The course without its numbers: `one_cycle`.
  public var name: String { String(description.prefix { $0 != ":" }) }

  private static func wholeEpochs(_ key: String, _ value: Double) throws(SettingError) -> Int {
    guard let whole = Int(exactly: value) else {
      throw SettingError(
        "schedule", expected: "a whole number of epochs", found: "\(key)=\(value)")
    }
    return whole
  }

  private static func unknown(_ text: String) -> SettingError {
    SettingError(
      "schedule", expected: "one of \(forms.joined(separator: ", "))", found: text)
  }
}
