#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Results for scripts: one object per line on standard output.
enum JSONOutput {
  static func print(_ value: some Encodable) throws {
    Terminal.result(try text(of: value))
  }

  /// The JSON of a value, keys sorted; numbers that are not finite, which JSON does not have, are
  /// `null`.
  static func text(of value: some Encodable) throws -> String {
    // A noncharacter: Unicode keeps it out of all text that is passed on.
    let mark = "\u{10FFFF}"
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: mark, negativeInfinity: mark, nan: mark)
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    return text.contains(mark) ? text.replacing("\"\(mark)\"", with: "null") : text
  }
}
