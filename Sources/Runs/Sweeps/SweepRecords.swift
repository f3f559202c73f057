import Files

/// The runs of a sweep that are made, in a CSV file that is complete after each of them.
package struct SweepRecords: Sendable {
  private let path: String
  private let header: String
  private var records: [SweepRecord] = []

  /// Reads the file, if there is one.
  package init(path: String, score: SweepSpec.Score) throws(FileError) {
    var text: String?
    if WholeFile.exists(path) {
      text = String(decoding: try WholeFile.read(path, limit: 1 << 24), as: UTF8.self)
    }
    try self.init(text: text, path: path, score: score)
  }

  /// Reads the text of a file; `nil` for none.
  package init(text: String?, path: String, score: SweepSpec.Score) throws(FileError) {
    self.path = path
    header = SweepRecord.header(score)
    guard let text else { return }
    // A spreadsheet ends lines in its own way.
    var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    if lines.last == "" { lines.removeLast() }
    guard let first = lines.first, first == header else {
      throw FileError(
        .invalid, file: path, place: "line 1", expected: header,
        found: lines.first.map { String($0.prefix(200)) } ?? "nothing",
        hint: "name another folder")
    }
    for (number, line) in lines.enumerated().dropFirst() {
      guard let record = SweepRecord(line: line) else {
        throw FileError(
          .invalid, file: path, place: "line \(number + 1)", expected: header,
          found: String(line.prefix(200)))
      }
      records.append(record)
    }
  }

  /// The run of a name, if it is made.
  package subscript(name: String) -> SweepRecord? { records.first { $0.name == name } }

  /// The file's text.
  package var text: String {
    ([header] + records.map(\.line)).map { "\($0)\n" }.joined()
  }

  /// Adds a run and writes the file.
  package mutating func add(_ record: SweepRecord) throws(FileError) {
    records.append(record)
    try save()
  }

  /// Writes the file.
  package func save() throws(FileError) {
    try AtomicFile.write(Array(text.utf8), to: path)
  }
}
