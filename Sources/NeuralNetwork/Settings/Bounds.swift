/// The values that a setting may have, and how a message says so.
public struct Bounds<Value: Comparable & Sendable>: Sendable {
  /// `1 to 65536`.
  public let description: String
  /// Whether a value is inside.
  public let contains: @Sendable (Value) -> Bool

  /// From `low` to `high`, both included.
  public static func from(_ low: Value, to high: Value) -> Bounds {
    Bounds(description: "\(short(low)) to \(short(high))") { $0 >= low && $0 <= high }
  }

  /// From `low`, which is included, to `high`, which is not.
  public static func from(_ low: Value, below high: Value) -> Bounds {
    Bounds(description: "\(short(low)) to below \(short(high))") { $0 >= low && $0 < high }
  }

  /// Above `low` to `high`, which is included.
  public static func above(_ low: Value, to high: Value) -> Bounds {
    Bounds(description: "above \(short(low)) to \(short(high))") { $0 > low && $0 <= high }
  }

  /// Between `low` and `high`, neither of which is included.
  public static func above(_ low: Value, below high: Value) -> Bounds {
    Bounds(description: "above \(short(low)) to below \(short(high))") { $0 > low && $0 < high }
  }

  /// From `low`.
  public static func atLeast(_ low: Value) -> Bounds {
    Bounds(description: "at least \(short(low))") { $0 >= low }
  }

  private static func short(_ value: Value) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension Bounds where Value: BinaryFloatingPoint {
  /// Any finite number.
  public static var finite: Bounds {
    Bounds(description: "a number") { $0.isFinite }
  }

  /// Any finite number from 0.
  public static var notNegative: Bounds {
    Bounds(description: "a number of at least 0") { $0 >= 0 && $0.isFinite }
  }

  /// Any finite number above 0.
  public static var positive: Bounds {
    Bounds(description: "a number above 0") { $0 > 0 && $0.isFinite }
  }
}
