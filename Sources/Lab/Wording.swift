import Reports

/// Numbers in tables and sentences.
enum Wording {
  /// A share in percent: `97.3 %`.
  static func percent(_ share: Double) -> String { "\(Format.fixed(100 * share, 1)) %" }

  /// A difference of shares: `1.2 points`.
  static func points(_ difference: Double) -> String {
    let text = Format.fixed(100 * difference, 1)
    return "\(text) \(text == "1.0" ? "point" : "points")"
  }

  /// `a, b and c`.
  static func list(_ parts: [String]) -> String {
    guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
    return "\(parts.dropLast().joined(separator: ", ")) and \(last)"
  }
}

extension [Double] {
  /// Their mean; 0 of none.
  var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }
}
