import Reports

/// A text in the language of manual pages, man(7).
struct Roff {
  private(set) var text = ""
  /// Whether there is text below the last title.
  private var hasText = false

  /// A line of the language itself: a macro and its arguments.
  mutating func macro(_ name: String, _ arguments: String...) {
    let words = arguments.map { $0.contains(" ") || $0.isEmpty ? "\"\($0)\"" : $0 }
    text += (["." + name] + words).joined(separator: " ") + "\n"
  }

  mutating func section(_ title: String) {
    macro("SH", Self.escaped(title))
    hasText = false
  }

  /// A paragraph, in lines that a person can read.
  mutating func paragraph(_ text: String) {
    beginParagraph()
    lines(of: Self.escaped(text))
  }

  /// A paragraph that is escaped and has its fonts.
  mutating func lines(of escaped: String) {
    for line in Format.wrapped(escaped, to: Self.columns) { text += Self.guarded(line) + "\n" }
    hasText = true
  }

  private mutating func beginParagraph() {
    if hasText { macro("PP") }
    hasText = true
  }

  /// Lines that stay as they are.
  mutating func literal(_ lines: [String]) {
    beginParagraph()
    macro("RS", "4")
    macro("nf")
    for line in lines {
      text += Self.continued(Self.guarded(Self.escaped(line, isLiteral: true))) + "\n"
    }
    macro("fi")
    macro("RE")
  }

  /// An entry of a list: a term, which has its fonts, and what is said of it.
  mutating func entry(_ term: String, _ about: String) {
    macro("TP")
    text += Self.guarded(term) + "\n"
    lines(of: Self.escaped(about))
  }

  /// Words in bold.
  static func bold(_ text: String) -> String { "\\fB\(escaped(text, isLiteral: true))\\fR" }
  /// Words in italics: what stands for something else.
  static func italic(_ text: String) -> String { "\\fI\(escaped(text, isLiteral: true))\\fR" }

  /// Names as they are typed in bold, `<file>` in italics, brackets and dots as they are.
  static func synopsis(_ text: String) -> String {
    var parts: [String] = []
    var rest = text[...]
    while let first = rest.first {
      let part: Substring
      if first == "<" {
        part = rest.prefix { $0 != ">" } + (rest.contains(">") ? ">" : "")
        parts.append(italic(String(part)))
      } else if first == "-" || first.isLetter {
        part = rest.prefix { $0 == "-" || $0.isLetter || $0.isNumber }
        parts.append(bold(String(part)))
      } else {
        part = rest.prefix(1)
        parts.append(escaped(String(part)))
      }
      rest = rest.dropFirst(part.count)
    }
    return parts.joined()
  }

  /// Longer lines are hard to read, and mandoc says so.
  private static let columns = 78

  /// A text in which nothing is taken for the language; a word that may be typed has minus signs, which are
  /// copied as such, in place of hyphens.
  static func escaped(_ text: String, isLiteral: Bool = false) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      let isTyped =
        isLiteral || word.contains("--") || word.hasPrefix("-")
        || word.contains { "./_=<".contains($0) }
      return word.map { escaped($0, isTyped: isTyped) }.joined()
    }.joined(separator: " ")
  }

  private static func escaped(_ character: Character, isTyped: Bool) -> String {
    switch character {
    case "\\": "\\e"
    case "-": isTyped ? "\\-" : "-"
    case "'": "\\(aq"
    case "`": "\\(ga"
    case "^": "\\(ha"
    case "~": "\\(ti"
    case "\"": "\\(dq"
    case _ where character.isASCII: String(character)
    default:
      character.unicodeScalars.map { scalar in
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
      }.joined()
    }
  }

  /// A line that does not begin as a macro does.
  private static func guarded(_ line: String) -> String {
    line.hasPrefix(".") || line.hasPrefix(" ") ? "\\&" + line : line
  }

  /// A line in pieces that are read as one.
  private static func continued(_ line: String) -> String {
    var pieces: [String] = []
    var piece = ""
    for (number, word) in line.split(separator: " ", omittingEmptySubsequences: false).enumerated()
    {
      if piece.count + word.count + 2 > columns, !piece.isEmpty {
        pieces.append(piece)
        piece = ""
      }
      piece += (number == 0 ? "" : " ") + word
    }
    return (pieces + [piece]).joined(separator: "\\\n")
  }
}
