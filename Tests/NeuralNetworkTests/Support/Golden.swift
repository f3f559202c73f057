import Foundation
import NeuralNetwork
import Testing

/// Numbers from a reference framework; `Tests/Golden` has the scripts that made them.
enum Golden {
  struct Array: Decodable {
    let shape: [Int]
    let data: [Float]
  }

  /// The cases of a file, each decoded as `Case`, with its layers as a model.
  static func cases<Case: Decodable>(_ name: String, as type: Case.Type) throws -> [Case] {
    try JSONDecoder().decode(CaseFile<Case>.self, from: data(name)).cases
  }

  private static func data(_ name: String) throws -> Data {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json"))
    return try Data(contentsOf: url)
  }

  /// The largest difference, scaled by the magnitude of what was expected where that is above 1.
  static func distance(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).reduce(0) {
      let difference = abs($1.0 - $1.1) / max(1, abs($1.1))
      return difference.isNaN ? .infinity : max($0, difference)
    }
  }
}

extension Network {
  /// Replaces all variables, in the order of a file.
  mutating func setAll(_ values: [Golden.Array]) {
    precondition(values.count == layout.entries.count, "\(values.count) variables")
    for (entry, value) in zip(layout.entries, values) {
      precondition(entry.variable.shape.array == value.shape, "\(value.shape)")
      setValues(value.data, of: entry)
    }
  }
}

/// A file of cases.
private struct CaseFile<Case: Decodable>: Decodable {
  let cases: [Case]
}
