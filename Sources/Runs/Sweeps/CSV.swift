/// Fields of comma-separated values (RFC 4180), a record a line.
package enum CSV {
  /// A field that may have commas and quotes in it.
  package static func quoted(_ text: String) -> String {
    // Scalar by scalar: to Swift, a quote with a combining mark is another character than a quote.
    "\""
      + text.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false)
      .map { String($0) }.joined(separator: "\"\"") + "\""
  }

  /// The fields of a line, or `nil` where its quotes do not match.
  package static func fields(_ line: some StringProtocol) -> [String]? {
    var fields = [""]
    var isQuoted = false
    // A quote inside quotes ends them, unless another one follows: then the two stand for one.
    var followsQuote = false
    for scalar in line.unicodeScalars {
      let current = fields.count - 1
      if isQuoted {
        if scalar == "\"" {
          (isQuoted, followsQuote) = (false, true)
        } else {
          fields[current].unicodeScalars.append(scalar)
        }
      } else if scalar == "," {
        fields.append("")
        followsQuote = false
      } else if scalar == "\"", followsQuote || fields[current].isEmpty {
        if followsQuote { fields[current].unicodeScalars.append(scalar) }
        (isQuoted, followsQuote) = (true, false)
      } else {
        guard !followsQuote, scalar != "\"" else { return nil }
        fields[current].unicodeScalars.append(scalar)
      }
    }
    return isQuoted ? nil : fields
  }
}
