import Files
import MiniCNN

/// Rows in columns under their titles.
///
/// Where a terminal is too narrow for that, columns that may be missed are left out, then texts are
/// shortened, and finally every row becomes a block with a line for each of its cells.
struct Table {
  /// One column.
  struct Column {
    let title: String
    /// Whether its cells are left-aligned, as texts are, and may be shortened.
    let isText: Bool
    /// The least width it has where there is room.
    let minimum: Int
    /// Whether it is left out where room is scarce.
    let mayBeMissed: Bool

    static func text(_ title: String, mayBeMissed: Bool = false) -> Column {
      Column(title: title, isText: true, minimum: 0, mayBeMissed: mayBeMissed)
    }

    static func number(_ title: String, minimum: Int = 0, mayBeMissed: Bool = false) -> Column {
      Column(title: title, isText: false, minimum: minimum, mayBeMissed: mayBeMissed)
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []
  /// The spaces between two columns.
  private let gap: Int
  /// The width below which no text is shortened.
  private static let leastText = 12

  init(_ columns: [Column], gap: Int = 2) {
    (self.columns, self.gap) = (columns, gap)
  }

  /// Adds a row, a cell for each column; what would leave its line is made harmless.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "\(cells.count) cells; expected \(columns.count)")
    rows.append(cells.map(\.onOneLine))
  }

  /// Prints the table as wide as the reader's terminal allows.
  func print() { for line in lines(width: Terminal.resultColumns) { Terminal.result(line) } }

  /// Whether it fits with nothing left out or shortened.
  func fits(_ width: Int?) -> Bool {
    width.map { total(Array(columns.indices), naturalWidths(minimum: true)) <= $0 } ?? true
  }

  /// The lines for a terminal of this many columns; with `nil`, for any number.
  func lines(width: Int?) -> [String] {
    var shown = Array(columns.indices)
    guard let width, !fits(width) else { return grid(shown, naturalWidths(minimum: true)) }
    var widths = naturalWidths(minimum: false)
    var missed: [String] = []
    for index in columns.indices.reversed() where columns[index].mayBeMissed {
      guard total(shown, widths) > width else { break }
      shown.removeAll { $0 == index }
      if !missed.contains(columns[index].title) { missed.insert(columns[index].title, at: 0) }
    }
    while total(shown, widths) > width,
      let widest = shown.filter({ columns[$0].isText }).max(by: { widths[$0] < widths[$1] }),
      widths[widest] > Self.leastText
    {
      widths[widest] -= 1
    }
    guard total(shown, widths) <= width else { return blocks(width) }
    let note = "(no room for: \(missed.joined(separator: ", ")))"
    return grid(shown, widths) + (missed.isEmpty ? [] : Format.wrapped(note, to: width))
  }

  private func naturalWidths(minimum: Bool) -> [Int] {
    columns.indices.map { index in
      let cells = rows.map { $0[index].count } + [columns[index].title.count]
      return max(cells.max() ?? 0, minimum ? columns[index].minimum : 0)
    }
  }

  private func total(_ shown: [Int], _ widths: [Int]) -> Int {
    shown.reduce(0) { $0 + widths[$1] } + gap * max(0, shown.count - 1)
  }

  private func grid(_ shown: [Int], _ widths: [Int]) -> [String] {
    ([columns.map(\.title)] + rows).map { cells in
      let padded = shown.map { index in
        let cell = Format.shortened(cells[index], to: widths[index])
        return columns[index].isText
          ? Format.left(cell, widths[index]) : Format.right(cell, widths[index])
      }
      let line = padded.joined(separator: String(repeating: " ", count: gap))
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// A block for each row: its first cell, and below it the others with their titles; empty ones
  /// are left out.
  private func blocks(_ width: Int) -> [String] {
    let names = columns.dropFirst().map { "  \($0.title)  " }
    let indent = names.map(\.count).max() ?? 0
    return rows.flatMap { cells in
      [cells[0]]
        + zip(names, cells.dropFirst()).filter { !$1.isEmpty }.flatMap { name, cell in
          hanging(name, cell, indent: indent, width: width)
        }
    }
  }
}

/// A name and its value, whose lines after the first continue below its beginning.
private func hanging(_ name: String, _ value: String, indent: Int, width: Int) -> [String] {
  let lines = Format.wrapped(value, to: width - indent)
  return [Format.left(name, indent) + lines[0]]
    + lines.dropFirst().map { Format.left("", indent) + $0 }
}

/// Facts with their names, a line each.
struct FactList {
  private var facts: [(name: String, value: String)] = []

  /// Adds a fact; what would leave its line is made harmless.
  mutating func add(_ name: String, _ value: String) { facts.append((name, value.onOneLine)) }

  func print() { for line in lines(width: Terminal.resultColumns) { Terminal.result(line) } }

  /// The lines for a terminal of this many columns; with `nil`, for any number. Values that are too
  /// long continue below themselves, or on a terminal of fewer than 60 columns below their names.
  func lines(width: Int?) -> [String] {
    let names = (facts.map(\.name.count).max() ?? 0) + 1
    return facts.flatMap { name, value in
      guard let width else { return [Format.left(name, names) + value] }
      if width < 60 {
        return [name] + Format.wrapped(value, to: width - 2).map { "  " + $0 }
      }
      return hanging(name, value, indent: names, width: width)
    }
  }
}
