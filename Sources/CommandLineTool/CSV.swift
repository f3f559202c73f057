/// Fields of comma-separated values (RFC 4180).
enum CSV {
  /// A field that may have commas and quotes in it.
  static func quoted(_ text: String) -> String {
    "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }

  /// What ``quoted(_:)`` made such a field of.
  static func plain(_ field: String) -> String {
    guard field.count >= 2, field.hasPrefix("\""), field.hasSuffix("\"") else { return field }
    var text = ""
    var isSecond = false
    for character in field.dropFirst().dropLast() {
      if character == "\"", !isSecond {
        isSecond = true
        continue
      }
      isSecond = false
      text.append(character)
    }
    return text
  }
}
