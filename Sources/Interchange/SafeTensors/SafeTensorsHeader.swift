import Files

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The header of a safetensors file: what arrays there are, and texts about them.
struct SafeTensorsHeader: Codable {
  /// What the header says of an array.
  struct Array {
    let name: String
    let dtype: String
    let shape: [Int]
    let offsets: [Int]
  }

  var metadata: [String: String] = [:]
  var arrays: [String: Array] = [:]

  private struct Fields: Codable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]
  }

  private struct Name: CodingKey {
    let stringValue: String
    init(stringValue: String) { self.stringValue = stringValue }
    var intValue: Int? { nil }
    init?(intValue: Int) { nil }
    static let metadata = Name(stringValue: "__metadata__")
  }

  init(metadata: [String: String], arrays: [Array]) {
    self.metadata = metadata
    for array in arrays { self.arrays[array.name] = array }
  }

  /// Reads the JSON of a file.
  init(_ json: ArraySlice<UInt8>, path: String) throws(FileError) {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(json))
    } catch {
      throw FileError(
        .invalid, file: path, place: "header", expected: "dtype, shape and data_offsets of arrays",
        found: Self.problem(error))
    }
  }

  private static func problem(_ error: any Error) -> String {
    func text(_ path: [any CodingKey], _ key: (any CodingKey)? = nil) -> String {
      let names = path.map(\.stringValue) + (key.map { [$0.stringValue] } ?? [])
      return names.isEmpty ? "" : " at " + names.joined(separator: "/").quoted
    }
    return switch error as? DecodingError {
    case .keyNotFound(let key, let context): "nothing\(text(context.codingPath, key))"
    case .typeMismatch(_, let context): "another type\(text(context.codingPath))"
    case .valueNotFound(_, let context): "null\(text(context.codingPath))"
    case .dataCorrupted(let context): "what is no JSON for it\(text(context.codingPath))"
    default: "what is no JSON"
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for key in container.allKeys {
      if key.stringValue == Name.metadata.stringValue {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        let fields = try container.decode(Fields.self, forKey: key)
        arrays[key.stringValue] = Array(
          name: key.stringValue, dtype: fields.dtype, shape: fields.shape,
          offsets: fields.data_offsets)
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    if !metadata.isEmpty { try container.encode(metadata, forKey: .metadata) }
    for (name, array) in arrays {
      try container.encode(
        Fields(dtype: array.dtype, shape: array.shape, data_offsets: array.offsets),
        forKey: Name(stringValue: name))
    }
  }

  /// The JSON, in the same bytes whenever it says the same, filled up with spaces so that the arrays after it
  /// begin at a multiple of eight.
  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = [UInt8](try encoder.encode(self))
    return text + Swift.Array(repeating: 0x20, count: (8 - text.count % 8) % 8)
  }
}
