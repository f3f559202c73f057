import Files
import Platform

/// The runs of a sweep that are made, as a CSV file has them: a line for each, added when it is made.
package struct SweepRecords: Sendable {
  private let header: String
  /// The records, in the order of the file.
  package private(set) var all: [SweepRecord] = []
  private var places: [String: Int] = [:]
  /// Where the file ends with the beginning of a line that a writer could not end: the bytes before it.
  private var wholeBytes: Int?
  /// Whether the last of the whole lines has its end.
  private var endsLine = true

  /// More than the most runs of a sweep need, of each of a few versions of it.
  private static let mostBytes = 1 << 24

  /// Reads the file, if there is one. Others may add lines meanwhile.
  package init(path: String, score: SweepSpec.Score) throws(FileError) {
    guard WholeFile.exists(path) else {
      try self.init(text: nil, path: path, score: score)
      return
    }
    let bytes = try WholeFile.start(of: path, count: Self.mostBytes + 1)
    guard bytes.count <= Self.mostBytes else {
      throw FileError(
        .invalid, file: path, expected: "a file of at most \(Self.mostBytes) bytes", found: "more")
    }
    try self.init(text: String(decoding: bytes, as: UTF8.self), path: path, score: score)
    // Not those of the text, in which half a character is another one.
    if wholeBytes != nil { wholeBytes = (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1 }
  }

  /// Reads the text of a file; `nil` for none.
  package init(text: String?, path: String, score: SweepSpec.Score) throws(FileError) {
    header = SweepRecord.header(score)
    guard let text else { return }
    // A spreadsheet ends lines in its own way.
    var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    let endsLine = lines.last == ""
    if endsLine { lines.removeLast() }
    guard let first = lines.first, first == header else {
      throw FileError(
        .invalid, file: path, place: "line 1", expected: header,
        found: lines.first.map { String($0.prefix(200)) } ?? "nothing",
        hint: "name another folder")
    }
    self.endsLine = endsLine
    for (number, line) in lines.enumerated().dropFirst() {
      guard let record = SweepRecord(line: line) else {
        if number == lines.count - 1, !endsLine {
          // Whoever wrote it was ended on the way; its run is finished, and will be recorded again.
          (wholeBytes, self.endsLine) = (text.utf8.count - line.utf8.count, true)
          break
        }
        throw FileError(
          .invalid, file: path, place: "line \(number + 1)", expected: header,
          found: String(line.prefix(200)))
      }
      add(record)
    }
  }

  /// The run of a name, if it is made.
  package subscript(name: String) -> SweepRecord? { places[name].map { all[$0] } }

  /// The file's text.
  package var text: String {
    ([header] + all.map(\.line)).map { "\($0)\n" }.joined()
  }

  /// Adds a run; the first of a name counts.
  package mutating func add(_ record: SweepRecord) {
    if places[record.name] == nil { places[record.name] = all.count }
    all.append(record)
  }

  /// Adds a run to these records and to the file that they were just read from.
  ///
  /// The line is added in place, as a file that is replaced may for a while be seen in its old form by other
  /// machines of a network.
  package mutating func append(_ record: SweepRecord, to path: String) throws(FileError) {
    let line = Array("\(endsLine ? "" : "\n")\(record.line)\n".utf8)
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw .unwritable(errno, file: path) }
    defer { close(file) }
    guard wholeBytes.map({ ftruncate(file, off_t($0)) == 0 }) ?? true,
      lseek(file, 0, SEEK_END) >= 0
    else { throw .unwritable(errno, file: path) }
    do throws(SystemError) {
      try line.withUnsafeBufferPointer { (bytes) throws(SystemError) in
        try writeFully(file, UnsafeRawBufferPointer(bytes))
      }
      guard fsync(file) == 0 else { throw SystemError() }
    } catch {
      throw .unwritable(error.code, file: path)
    }
    add(record)
    (wholeBytes, endsLine) = (nil, true)
  }
}
