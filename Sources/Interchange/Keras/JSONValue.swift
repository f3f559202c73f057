import Files

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A JSON text as it stands, for formats whose objects have other members from class to class.
enum JSONValue: Sendable, Equatable {
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  /// The most bytes of a text: several times what the largest models of Keras take.
  static let mostBytes = 1 << 23
  /// The most lists and objects inside each other: each takes a part of the stack.
  static let mostLevels = 64

  /// Reads a text in UTF-8.
  ///
  /// - Parameters:
  ///   - file: what messages call the file.
  ///   - place: what they call the text in it.
  /// - Throws: a `FileError` where it is no JSON, or larger or deeper than any model's.
  init(_ bytes: [UInt8], file: String, place: String) throws(FileError) {
    func refused(_ expected: String, _ found: String) -> FileError {
      FileError(.invalid, file: file, place: place, expected: expected, found: found)
    }
    guard bytes.count <= Self.mostBytes else {
      throw refused("a JSON text of at most \(Self.mostBytes) bytes", "one of \(bytes.count)")
    }
    guard Self.levels(bytes) <= Self.mostLevels else {
      throw refused("JSON of at most \(Self.mostLevels) levels", "more")
    }
    do {
      self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    } catch {
      throw refused("a JSON text", bytes.isEmpty ? "an empty one" : "something else")
    }
  }

  /// The lists and objects inside each other, counted before anything recurs into them.
  private static func levels(_ bytes: [UInt8]) -> Int {
    var (level, deepest, isText, isEscaped) = (0, 0, false, false)
    for byte in bytes {
      if isText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isText = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        level += 1
        deepest = max(deepest, level)
      case UInt8(ascii: "]"), UInt8(ascii: "}"): level -= 1
      default: break
      }
    }
    return deepest
  }

  /// The text, in UTF-8, keys sorted.
  var bytes: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return [UInt8](try encoder.encode(self))
    }
  }

  /// How messages quote it: shortened, on one line.
  var summary: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let text): String(text.unicodeScalars.prefix(80)).debugDescription
    case .list(let values) where values.count <= 4:
      "[\(values.map(\.shortSummary).joined(separator: ", "))]"
    case .list(let values): "a list of \(values.count)"
    case .object: "an object"
    }
  }

  private var shortSummary: String {
    if case .list = self { "a list" } else { summary }
  }
}

extension JSONValue: Codable {
  init(from decoder: any Decoder) throws {
    // What a hostile text has most of is tried first: each failed trial costs.
    let value = try decoder.singleValueContainer()
    if let integer = try? value.decode(Int.self) {
      self = .integer(integer)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([JSONValue].self) {
      self = .list(list)
    } else if let object = try? value.decode([String: JSONValue].self) {
      self = .object(object)
    } else if let boolean = try? value.decode(Bool.self) {
      self = .boolean(boolean)
    } else if value.decodeNil() {
      self = .null
    } else {
      throw DecodingError.dataCorruptedError(in: value, debugDescription: "no JSON value")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .boolean(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .object(let members): try container.encode(members)
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  init(stringLiteral value: String) { self = .text(value) }
  init(integerLiteral value: Int) { self = .integer(value) }
  init(booleanLiteral value: Bool) { self = .boolean(value) }
  init(nilLiteral: ()) { self = .null }
  init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
  init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(uniqueKeysWithValues: elements))
  }

  /// A 32-bit float, which in JSON has as many digits as tell it from others.
  init(_ value: Float) { self = .number(Double("\(value)") ?? Double(value)) }
  /// Numbers of elements, rows, columns.
  init(_ extents: [Int]) { self = .list(extents.map { .integer($0) }) }
  /// A height and a width.
  init(_ height: Int, _ width: Int) { self.init([height, width]) }
}

extension JSONValue {
  /// A member of an object; `nil` where there is none, or it is null.
  subscript(_ key: String) -> JSONValue? {
    guard case .object(let members) = self, let value = members[key], value != .null else {
      return nil
    }
    return value
  }

  /// The text, where it is one.
  var text: String? { if case .text(let text) = self { text } else { nil } }
  /// The whole number, where it is one.
  var integer: Int? { if case .integer(let integer) = self { integer } else { nil } }
  /// The elements, where it is a list.
  var list: [JSONValue]? { if case .list(let list) = self { list } else { nil } }
  /// The truth value, where it is one.
  var boolean: Bool? { if case .boolean(let boolean) = self { boolean } else { nil } }
  /// The number, where it is one.
  var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
}
