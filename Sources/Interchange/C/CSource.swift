import NeuralNetwork

/// A piece of C, line by line.
struct CSource {
  /// The text so far.
  private(set) var text = ""

  /// The columns that lines are wrapped at.
  static let width = 96

  /// Adds a line, or several.
  mutating func add(_ lines: String) {
    text += lines
    text += "\n"
  }

  /// Adds an empty line.
  mutating func space() { text += "\n" }

  /// Adds a constant array, with its values wrapped.
  mutating func add(_ table: CTable) {
    add("static const \(table.type) \(table.name)[\(table.values.count)] = {")
    add(Self.wrapped(table.values, indent: "  ") + "};")
  }

  /// Values separated by commas, in lines of at most ``width`` columns.
  static func wrapped(_ values: [String], indent: String, lineEnd: String = "\n") -> String {
    var text = indent
    var column = indent.utf8.count
    for (number, value) in values.enumerated() {
      let isLast = number == values.count - 1
      let count = value.utf8.count + (isLast ? 0 : 2)
      if column + count > width, column > indent.utf8.count {
        if text.utf8.last == UInt8(ascii: " ") { text.unicodeScalars.removeLast() }
        text += lineEnd + indent
        column = indent.utf8.count
      }
      text += isLast ? value : "\(value), "
      column += count
    }
    return text
  }

  /// A call in the body of a function, on one line or, where that is too long, on several.
  static func call(_ function: String, _ arguments: [String]) -> String {
    let line = "\(function)(\(arguments.joined(separator: ", ")));"
    guard line.utf8.count + 2 > width else { return line }
    return "\(function)(\n\(wrapped(arguments, indent: "      ")));"
  }

  /// The shortest decimal number that reads back as these bits, which must be finite.
  static func literal(_ value: Float) -> String { "\(value)f" }

  /// A text of the user's inside a comment, on one line: nothing in it ends the comment, continues a line or
  /// reorders what a reader sees.
  static func comment(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isPlain =
        scalar.isASCII
        ? scalar.value >= 32 && scalar.value < 127 && !["*", "\\", "?"].contains(scalar)
        : scalar.properties.isAlphabetic
      result.append(isPlain ? scalar : "_")
    }
    return String(result)
  }

  /// A text as a literal of C, whose bytes are those of its UTF-8 with every compiler.
  static func literal(_ text: String) -> String {
    var result = "\""
    for byte in text.utf8 {
      // A question mark could begin a trigraph.
      let isPlain = byte >= 32 && byte < 127 && ![34, 63, 92].contains(byte)
      if isPlain {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 8)
        result += "\\" + String(repeating: "0", count: 3 - digits.utf8.count) + digits
      }
    }
    return result + "\""
  }
}

/// A constant array of a C file.
struct CTable {
  /// What it is called in the file.
  let name: String
  /// The type of an element: `float`.
  let type: String
  /// The elements, as C states them.
  let values: [String]
  /// The bytes of an element.
  let size: Int

  /// The bytes of all elements.
  var bytes: Int { values.count * size }
}

extension CTable {
  /// An array of floats, which must be finite.
  init(_ name: String, _ values: [Float]) {
    self.init(name: name, type: "float", values: values.map { CSource.literal($0) }, size: 4)
  }

  /// An array of whole numbers of a type of `<stdint.h>`.
  init<Value: FixedWidthInteger>(_ name: String, _ values: [Value]) {
    let bits = Value.bitWidth
    let type = Value.isSigned ? "int\(bits)_t" : "uint\(bits)_t"
    // The least number of all is not one literal in C, but the negative of one that does not fit.
    let texts = values.map {
      $0 == Value.min && Value.isSigned && bits >= 32
        ? "(\($0 + 1) - 1)" : "\($0)"
    }
    self.init(name: name, type: type, values: texts, size: bits / 8)
  }
}
