/// What a command's help says at length, in parts: paragraphs, texts that stay as they are, and those
/// below a title such as EXAMPLES.
struct HelpText {
  enum Block: Equatable {
    case paragraph(String)
    case literal([String])
  }

  private(set) var blocks: [Block] = []
  /// Lines by the title above them, without their indent.
  private(set) var titled: [String: [String]] = [:]

  init(_ text: String) {
    var title: String?
    var literal: [String] = []
    for line in (text + "\n").split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("  ") {
        if let title { titled[title, default: []].append(String(line.dropFirst(2))) }
        if title == nil { literal.append(String(line.dropFirst(2))) }
        continue
      }
      if !literal.isEmpty { blocks.append(.literal(literal)) }
      literal = []
      if Help.isTitle(line) {
        title = String(line)
      } else if !line.isEmpty {
        title = nil
        blocks.append(.paragraph(String(line)))
      }
    }
  }

  /// The rows of a table below a title: what stands before two spaces, and what stands behind them.
  func rows(_ title: String) -> [(term: String, text: String)] {
    var rows: [(term: String, text: String)] = []
    for line in titled[title] ?? [] {
      let parts = line.split(separator: "  ", maxSplits: 1)
      if line.hasPrefix(" "), !rows.isEmpty {
        rows[rows.count - 1].text += " " + line.drop { $0 == " " }
      } else if let term = parts.first {
        rows.append((String(term), parts.count < 2 ? "" : String(parts[1].drop { $0 == " " })))
      }
    }
    return rows
  }
}
