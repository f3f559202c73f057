/// Numbers in tables and sentences.
enum Wording {
  /// A number with this many decimals, which is finite and far below 2⁵³.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
    let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(scaled)" }
    let rest = String(scaled % Int(scale))
    let zeros = String(repeating: "0", count: decimals - rest.count)
    return "\(sign)\(scaled / Int(scale)).\(zeros)\(rest)"
  }

  /// A share in percent: `97.3 %`.
  static func percent(_ share: Double) -> String { "\(fixed(100 * share, 1)) %" }

  /// A difference of shares: `1.2 points`.
  static func points(_ difference: Double) -> String {
    let text = fixed(100 * difference, 1)
    return "\(text) \(text == "1.0" ? "point" : "points")"
  }

  /// A number above 0 of any size, with two digits at least: `0.31`, `130`, `4.2e-07`.
  static func digits(_ value: Double) -> String {
    guard value.isFinite, value > 0 else { return value == 0 ? "0" : "\(value)" }
    var (mantissa, exponent) = (value, 0)
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    while mantissa >= 9.95 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    if (-3...2).contains(exponent) { return fixed(value, max(0, 1 - exponent)) }
    let size = abs(exponent)
    return "\(fixed(mantissa, 1))e\(exponent < 0 ? "-" : "+")\(size < 10 ? "0" : "")\(size)"
  }

  /// A whole number with commas between thousands.
  static func grouped(_ value: Int) -> String {
    var text = ""
    for (place, digit) in String(value).reversed().enumerated() {
      if place > 0, place.isMultiple(of: 3), digit != "-" { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
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
