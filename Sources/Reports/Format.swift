import Training

/// Numbers and texts as people read them. Every number can be printed, those of a damaged file too.
package enum Format {
  /// A share as a percentage with two decimals: `98.76 %`.
  package static func percent(_ share: Double) -> String { "\(fixed(share * 100, 2)) %" }

  /// A number with this many decimals; what is too large to have them, or not finite, as Swift
  /// describes it.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    // Beyond 2⁵³ a Double has no such decimals; NaN is not below it either.
    guard scaled < 0x1p53 else { return "\(value)" }
    let whole = Int(scaled / scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(Int(scaled))" }
    let rest = String(Int(scaled) - whole * Int(scale))
    return "\(sign)\(whole).\(String(repeating: "0", count: decimals - rest.count))\(rest)"
  }

  /// A number with at most this many decimals, none of them a 0 at the end: `0.5`, `12`.
  package static func short(_ value: Double, _ decimals: Int) -> String {
    let text = fixed(value, decimals)
    guard text.contains("."), !text.contains("e") else { return text }
    return String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
  }

  /// An accuracy with what it rests on: `99.10 % (9,910 of 10,000; 95 % interval 98.90 % to …)`.
  package static func accuracy(_ evaluation: Evaluation) -> String {
    accuracy(evaluation.accuracy, samples: evaluation.samples)
  }

  /// The same for a share of this many samples; a value outside 0 to 1 is printed alone.
  package static func accuracy(_ share: Double, samples: Int) -> String {
    guard (0...1).contains(share) else { return percent(share) }
    let interval = AccuracyInterval.of(share, samples: samples)
    let correct = (share * Double(samples)).rounded()
    return "\(percent(share)) (\(grouped(correct)) of \(grouped(samples));"
      + " 95 % interval \(percent(interval.lowerBound)) to"
      + " \(percent(interval.upperBound)))"
  }

  /// A number above 0 with two significant digits, as flags read it back: `0.0031`, `1200`,
  /// `2.5e-06`.
  package static func significant(_ value: Double) -> String {
    guard value.isFinite, value > 0 else { return "\(value)" }
    var (exponent, scaled) = (0, value)
    while scaled < 9.95 { (exponent, scaled) = (exponent - 1, scaled * 10) }
    while scaled >= 99.5 { (exponent, scaled) = (exponent + 1, scaled / 10) }
    let digits = Int(scaled.rounded())
    if (-5...0).contains(exponent) { return fixed(value, -exponent) }
    if (1...4).contains(exponent) {
      return "\(digits)" + String(repeating: "0", count: exponent)
    }
    let power = exponent + 1
    return
      "\(digits / 10).\(digits % 10)e\(power < 0 ? "-" : "+")\(abs(power) < 10 ? "0" : "")\(abs(power))"
  }

  /// A whole number with commas between thousands: `61,706`.
  package static func grouped(_ value: Int) -> String {
    var digits = Array(String(value.magnitude))
    var position = digits.count - 3
    while position > 0 {
      digits.insert(",", at: position)
      position -= 3
    }
    return (value < 0 ? "-" : "") + String(digits)
  }

  /// The same for a number that is rounded to a whole one.
  package static func grouped(_ value: Double) -> String {
    Int(exactly: value.rounded()).map(grouped) ?? "\(value)"
  }

  /// A number of things: `1 thread`, `2 threads`, `3 batches`; `plural` is the noun with an s
  /// unless stated.
  package static func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
  }

  /// Seconds as `0:07` or `1:02:03`.
  package static func duration(_ seconds: Double) -> String {
    guard (0..<1e9).contains(seconds) else { return "-:--" }
    let whole = Int(seconds.rounded(.up))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0
      ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
  }

  /// Seconds as people round them: `0.42 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
  package static func time(_ seconds: Double) -> String {
    guard (0..<1e9).contains(seconds) else { return "\(seconds) s" }
    if seconds < 99.5 { return "\(seconds > 0 ? significant(seconds) : "0") s" }
    let whole = Int(seconds.rounded())
    return whole < 3600
      ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
  }

  /// A number of bytes, in decimal units: `940 B`, `3.1 kB`, `12 MB`.
  package static func bytes(_ count: Int) -> String {
    var (value, unit) = (Double(count), 0)
    let units = ["B", "kB", "MB", "GB", "TB"]
    while value >= 999.5, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return "\(fixed(value, unit == 0 || value >= 9.95 ? 0 : 1)) \(units[unit])"
  }

  /// Text at the left of a column.
  package static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// Text at the right of a column.
  package static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// Text in at most this many columns: what is longer ends in `…`.
  package static func shortened(_ text: String, to width: Int) -> String {
    text.count <= width ? text : text.prefix(max(0, width - 1)) + "…"
  }

  /// Text in lines of at most this many columns, broken at spaces; a word that is longer has a line
  /// to itself.
  package static func wrapped(_ text: String, to columns: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if line.isEmpty || line.count + 1 + word.count <= columns {
        line += line.isEmpty ? word : " " + word
      } else {
        lines.append(line)
        line = String(word)
      }
    }
    return lines + [line]
  }
}
