import Files
import ImageData

/// Images from a CSV file as Kaggle has it, a row each: the label, then the pixels row by row.
///
/// A first row that begins with a letter names the columns; where the first of them is not `label`,
/// the images have none, and where the last one is called `28x28` or `28x28x3`, that is their size. Fields are whole numbers from 0 to 255, without quotes or spaces.
struct CSVImages {
  private let path: String
  private let form: ImageForm
  private var shape = (height: 0, width: 0, channels: 0)
  private var hasLabels = true
  private var labels: [UInt8] = []
  private var pixels: [UInt8] = []
  /// The first row, until it is known to be whole.
  private var firstRow: [UInt8]? = []
  /// The fields of a row.
  private var columns = 0
  /// Where the reader is, counted from 1.
  private var (line, column) = (1, 1)
  private var value = 0
  private var hasDigits = false
  private var endsLine = false

  /// A row of more bytes is no image that could be meant.
  static let longestRow = 1 << 26

  /// Reads a file, gzipped or not.
  static func read(
    _ path: String, form: ImageForm, progress: (Double) -> Void = { _ in }
  ) throws(FileError) -> ImageSet {
    var reader = CSVImages(path: path, form: form)
    try FileContent.forEachPiece(of: path) { piece, share throws(FileError) in
      for byte in piece { try reader.take(byte) }
      if let share { progress(share) }
    }
    return try reader.finish()
  }

  private init(path: String, form: ImageForm) { (self.path, self.form) = (path, form) }

  private mutating func take(_ byte: UInt8) throws(FileError) {
    guard firstRow == nil else { return try takeOfFirst(byte) }
    if endsLine, byte != UInt8(ascii: "\n") { throw unexpected(UInt8(ascii: "\r")) }
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      value = 10 * value + Int(byte - UInt8(ascii: "0"))
      hasDigits = true
      guard value <= 255 else { throw wrongField(found: "\(value) or more") }
    case UInt8(ascii: ","): try endField()
    case UInt8(ascii: "\r"): endsLine = true
    case UInt8(ascii: "\n"): try endRow()
    default: throw unexpected(byte)
    }
  }

  private mutating func takeOfFirst(_ byte: UInt8) throws(FileError) {
    guard var row = firstRow else { return }
    firstRow = nil
    if byte == UInt8(ascii: "\n") { return try begin(with: row) }
    guard row.count < Self.longestRow else {
      throw FileError(
        .invalid, file: path, place: "line 1", expected: "at most \(Self.longestRow) bytes",
        found: "more")
    }
    row.append(byte)
    firstRow = row
  }

  /// Takes the first row for names of columns or for an image.
  private mutating func begin(with row: [UInt8]) throws(FileError) {
    var row = row[...]
    if row.starts(with: [0xef, 0xbb, 0xbf]) { row = row.dropFirst(3) }
    if row.last == UInt8(ascii: "\r") { row = row.dropLast() }
    let fields = row.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    columns = fields.count
    // Columns may be called by numbers, the label is not; and a row with a fault is no header.
    let isData = !row.prefix { $0 != UInt8(ascii: ",") }.contains(where: Self.isLetter)
    if !isData { hasLabels = try Self.hasLabels(fields, path) }
    let values = columns - (hasLabels ? 1 : 0)
    let stated = isData ? nil : Self.size(fields.last ?? [], values: values)
    guard let shape = form.resolved(values: values, stated: stated) else {
      throw FileError(
        .invalid, file: path, place: "line 1", expected: form.expectation,
        found: "\(values) pixels" + (hasLabels ? " after the label" : ", and no column label"))
    }
    self.shape = shape
    if isData {
      for byte in row { try take(byte) }
      try endRow()
    } else {
      line = 2
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func hasLabels(
    _ fields: [ArraySlice<UInt8>], _ path: String
  ) throws(FileError) -> Bool {
    let names = fields.map { field in
      String(decoding: field, as: UTF8.self).lowercased().filter { $0 != "\"" && $0 != " " }
    }
    guard let place = names.firstIndex(where: ["label", "class", "target"].contains) else {
      return false
    }
    guard place == 0 else {
      throw FileError(
        .invalid, file: path, place: "line 1, column \(place + 1)",
        expected: "the label in column 1", found: "it here")
    }
    return true
  }

  /// The size that the name of the last column states, as the row, column and channel of its pixel.
  private static func size(
    _ name: ArraySlice<UInt8>, values: Int
  ) -> (height: Int, width: Int, channels: Int)? {
    let name = String(decoding: name, as: UTF8.self).filter { $0 != "\"" && $0 != " " }
    let numbers = name.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard (2...3).contains(numbers.count), numbers.allSatisfy((1...longestRow).contains) else {
      return nil
    }
    let size = (
      height: numbers[0], width: numbers[1], channels: numbers.count == 3 ? numbers[2] : 1
    )
    let pixels = size.height * size.width
    // As far as it goes: a product of all three might be too large for a number.
    guard values.isMultiple(of: pixels), values / pixels == size.channels else { return nil }
    return size
  }

  private mutating func endField() throws(FileError) {
    guard hasDigits else { throw wrongField(found: "nothing") }
    guard column <= columns else {
      throw FileError(
        .invalid, file: path, place: "line \(line)", expected: "\(columns) values", found: "more")
    }
    if column == 1, hasLabels {
      labels.append(UInt8(value))
    } else {
      pixels.append(UInt8(value))
    }
    column += 1
    (value, hasDigits) = (0, false)
  }

  private mutating func endRow() throws(FileError) {
    endsLine = false
    try endField()
    guard column == columns + 1 else {
      throw FileError(
        .invalid, file: path, place: "line \(line)", expected: "\(columns) values",
        found: "\(column - 1)")
    }
    line += 1
    column = 1
  }

  private mutating func finish() throws(FileError) -> ImageSet {
    if let row = firstRow {
      guard !row.isEmpty else {
        throw FileError(.invalid, file: path, expected: "rows of numbers", found: "an empty file")
      }
      firstRow = nil
      try begin(with: row)
    }
    // The last line need not be ended.
    if column > 1 || hasDigits { try endRow() }
    guard !pixels.isEmpty else {
      throw FileError(
        .invalid, file: path, expected: "rows of numbers", found: "names of columns only")
    }
    return try ImageSet(
      pixels: pixels, labels: hasLabels ? labels : nil, height: shape.height, width: shape.width,
      channels: shape.channels, name: path)
  }

  private func wrongField(found: String) -> FileError {
    FileError(
      .invalid, file: path, place: "line \(line), column \(column)",
      expected: "a whole number from 0 to 255", found: found)
  }

  private func unexpected(_ byte: UInt8) -> FileError {
    wrongField(
      found: (0x21...0x7e).contains(byte)
        ? "the character \(Character(Unicode.Scalar(byte)))" : "a byte of value \(byte)")
  }
}
