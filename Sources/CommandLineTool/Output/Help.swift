import Reports
import ArgumentParser

/// A command's help, laid out for the reader's terminal: what ArgumentParser writes, but with examples
/// left whole, so that they can be copied, and with the settings, which are many, at the end.
enum Help {
  /// So many columns that ArgumentParser breaks no line itself.
  static let unbroken = 1 << 20
  /// Longer lines are hard to read.
  private static let widest = 100
  /// Where ArgumentParser begins what it says of an option.
  private static let column = 26

  /// The width of help on the current output.
  static var columns: Int { min(Terminal.resultColumns ?? 80, widest) }

  /// Lays out a text of ArgumentParser; what is no help (a version, a completion script) stays as it
  /// is.
  static func laidOut(_ text: String, columns: Int) -> String {
    guard text.hasPrefix("OVERVIEW: ") else { return text }
    var sections: [[Substring]] = [[]]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if title(of: line) != nil { sections.append([]) }
      sections[sections.count - 1].append(line)
    }
    let last = sections.filter { $0.first == "SETTINGS:" }
    let ordered = sections.filter { $0.first != "SETTINGS:" } + last
    let blocks = ordered.map { lines in
      let isList = lines.first.flatMap(title) != nil
      let text = lines.flatMap { isList ? item($0, columns) : prose($0, columns) }
      return text.joined(separator: "\n").trimmed
    }
    return blocks.joined(separator: "\n\n")
  }

  /// The title of a list of arguments, options or subcommands that begins with a line.
  private static func title(of line: Substring) -> Substring? {
    line.hasSuffix(":") && isTitle(line.dropLast()) ? line.dropLast() : nil
  }

  /// Whether a line is the title of what is below it, such as EXAMPLES.
  static func isTitle(_ line: Substring) -> Bool {
    line.first.map { $0 != " " } ?? false && line.allSatisfy { $0.isUppercase || $0 == " " }
  }

  /// A line of text; one that is indented is an example or a table, and stays whole.
  private static func prose(_ line: Substring, _ columns: Int) -> [String] {
    guard line.first != " " else { return [String(line)] }
    guard line.hasPrefix("USAGE: ") else { return Format.wrapped(String(line), to: columns) }
    // What stands in brackets belongs together.
    var depth = 0
    let bound = line.dropFirst("USAGE: ".count).map { character -> Character in
      depth += character == "[" || character == "<" ? 1 : 0
      depth -= character == "]" || character == ">" ? 1 : 0
      return character == " " && depth > 0 ? "\u{A0}" : character
    }
    let indent = "USAGE: ".count
    let lines = Format.wrapped(String(bound), to: columns - indent)
    return lines.enumerated().map { number, line in
      (number == 0 ? "USAGE: " : String(repeating: " ", count: indent))
        + line.replacing("\u{A0}", with: " ")
    }
  }

  /// A line of a list: a name and, from ``column`` on, what is said of it.
  private static func item(_ line: Substring, _ columns: Int) -> [String] {
    let isItem =
      line.hasPrefix("  ") && line.count > column
      && line.dropFirst(column - 1).first == " "
    guard isItem else { return [String(line)] }
    var name = String(line.prefix(column))
    while name.last == " " { name.removeLast() }
    // Beside the names there is room on a wide terminal only.
    let indent = columns < 60 ? 6 : column
    let lines = Format.wrapped(String(line.dropFirst(column)), to: columns - indent).map {
      String(repeating: " ", count: indent) + $0
    }
    guard !name.isEmpty, indent == column else { return (name.isEmpty ? [] : [name]) + lines }
    return [Format.left(name, indent) + lines[0].dropFirst(indent)] + lines.dropFirst()
  }
}

extension String {
  /// The text without empty lines at its end.
  fileprivate var trimmed: String {
    var text = self[...]
    while text.last == "\n" { text.removeLast() }
    return String(text)
  }
}
