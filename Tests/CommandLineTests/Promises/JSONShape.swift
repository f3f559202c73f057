import Foundation

/// The keys of JSON with the types of their values, such as `perClass[].recall` and "null or number".
struct JSONShape {
  private var types: [String: Set<String>] = [:]

  /// A line for each key, after the command whose JSON it is.
  func lines(of command: String) -> [String] {
    types.map { path, types in "\(command)\t\(path)\t\(types.sorted().joined(separator: " or "))" }
  }

  /// Adds every line of a program's output, each one object. What is below the keys of `maps` is data: there
  /// its keys are `*`.
  mutating func add(_ output: String, maps: Set<String> = []) throws {
    for line in output.split(separator: "\n") {
      guard case .object(let members) = try JSONDecoder().decode(Value.self, from: Data(line.utf8))
      else { throw CocoaError(.formatting) }
      add(members, at: "", maps)
    }
  }

  private mutating func add(_ members: [String: Value], at path: String, _ maps: Set<String>) {
    for (key, value) in members {
      let name = maps.contains(path) ? "*" : key
      add(value, at: path.isEmpty ? name : "\(path).\(name)", maps)
    }
  }

  private mutating func add(_ value: Value, at path: String, _ maps: Set<String>) {
    types[path, default: []].insert(value.type)
    switch value {
    case .object(let members): add(members, at: path, maps)
    case .list(let values): for value in values { add(value, at: path + "[]", maps) }
    default: break
    }
  }

  private enum Value: Decodable {
    case null, truth, number, text
    case list([Value])
    case object([String: Value])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if (try? container.decode(Bool.self)) != nil {
        self = .truth
      } else if (try? container.decode(Double.self)) != nil {
        self = .number
      } else if (try? container.decode(String.self)) != nil {
        self = .text
      } else if let values = try? container.decode([Value].self) {
        self = .list(values)
      } else {
        self = .object(try container.decode([String: Value].self))
      }
    }

    var type: String {
      switch self {
      case .null: "null"
      case .truth: "true or false"
      case .number: "number"
      case .text: "text"
      case .list: "list"
      case .object: "object"
      }
    }
  }
}
