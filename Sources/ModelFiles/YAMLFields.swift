import Files
import Yams

/// The values of one YAML mapping, read by key; every error names line and column.
package struct YAMLFields {
  /// The file's name, for messages.
  package let file: String
  /// What the mapping describes, for messages: `conv2d`, `training`.
  let owner: String
  private var values: [String: YAMLNode] = [:]
  private let node: YAMLNode

  /// Takes a mapping whose keys are all among `allowed`.
  package init(_ node: YAMLNode, file: String, owner: String, allowed: [String]) throws(FileError) {
    self.file = file
    self.owner = owner
    self.node = node
    guard let mapping = node.mapping else {
      throw FileError.yaml(
        file, node, expected: "a mapping of \(allowed.joined(separator: ", "))",
        found: node.summary)
    }
    for (key, value) in mapping {
      guard let name = key.scalar?.string, allowed.contains(name) else {
        throw FileError.yaml(
          file, key,
          expected: allowed.isEmpty
            ? "no key of \(owner)" : "a key of \(owner) (\(allowed.joined(separator: ", ")))",
          found: key.summary, hint: key.scalar.flatMap { allowed.closest(to: $0.string) })
      }
      values[name] = value
    }
  }

  /// The value of a required key.
  package func required(_ key: String) throws(FileError) -> YAMLNode {
    guard let value = values[key] else {
      throw FileError.yaml(file, node, expected: "the key \"\(key)\" of \(owner)", found: "none")
    }
    return value
  }

  package func node(_ key: String) -> YAMLNode? { values[key] }

  func integer(_ key: String) throws(FileError) -> Int? {
    try values[key].map { (node) throws(FileError) in try integer(node, key) }
  }

  /// A whole number within bounds.
  package func integer(_ key: String, in bounds: ClosedRange<Int>) throws(FileError) -> Int? {
    try values[key].map { (node) throws(FileError) in
      guard let value = node.scalar.flatMap({ Int($0.string) }), bounds.contains(value) else {
        let most = bounds.upperBound == .max ? "" : " to \(bounds.upperBound)"
        throw FileError.yaml(
          file, node, expected: "\(key): a whole number from \(bounds.lowerBound)\(most)",
          found: node.summary)
      }
      return value
    }
  }

  func float(_ key: String) throws(FileError) -> Float? {
    try values[key].map { (node) throws(FileError) in Float(try number(node, key)) }
  }

  func double(_ key: String) throws(FileError) -> Double? {
    try values[key].map { (node) throws(FileError) in try number(node, key) }
  }

  func flag(_ key: String) throws(FileError) -> Bool? {
    try values[key].map { (node) throws(FileError) in
      switch node.scalar?.string {
      case "true": return true
      case "false": return false
      default:
        throw FileError.yaml(file, node, expected: "\(key): true or false", found: node.summary)
      }
    }
  }

  package func text(_ key: String) throws(FileError) -> String? {
    try values[key].map { (node) throws(FileError) in
      guard let text = node.scalar?.string, !text.isEmpty,
        !text.unicodeScalars.contains(where: \.leavesLine)
      else {
        throw FileError.yaml(
          file, node, expected: "\(key): a text of one line", found: node.summary)
      }
      return text
    }
  }

  /// The case of an enumeration that a value names.
  package func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ type: Choice.Type
  ) throws(FileError) -> Choice? where Choice.RawValue == String {
    try values[key].map { (node) throws(FileError) in
      guard let choice = node.scalar.flatMap({ Choice(rawValue: $0.string) }) else {
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw FileError.yaml(file, node, expected: "\(key): one of \(names)", found: node.summary)
      }
      return choice
    }
  }

  /// One text or a list of at least one.
  package func texts(_ node: YAMLNode, _ key: String) throws(FileError) -> [String] {
    let texts = try values(node, key).map(\.scalar?.string)
    guard texts.allSatisfy({ $0?.isEmpty == false }) else {
      throw FileError.yaml(
        file, node, expected: "\(key): a value or a list of values", found: node.summary)
    }
    return texts.compactMap { $0 }
  }

  /// One value or a list of at least one.
  package func values(_ node: YAMLNode, _ key: String) throws(FileError) -> [YAMLNode] {
    let values = node.sequence.map { Array($0) } ?? [node]
    guard !values.isEmpty else {
      throw FileError.yaml(
        file, node, expected: "\(key): a value or a list of values", found: node.summary)
    }
    return values
  }

  /// A list of whole numbers.
  func integers(_ node: YAMLNode, _ key: String, counts: ClosedRange<Int>) throws(FileError)
    -> [Int]
  {
    guard let sequence = node.sequence, counts.contains(sequence.count) else {
      let many =
        counts.count == 1 ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
      throw FileError.yaml(
        file, node, expected: "\(key): a list of \(many) whole numbers", found: node.summary)
    }
    var list: [Int] = []
    for element in sequence { list.append(try integer(element, key)) }
    return list
  }

  func integer(_ node: YAMLNode, _ key: String) throws(FileError) -> Int {
    guard let value = node.scalar.flatMap({ Int($0.string) }) else {
      throw FileError.yaml(file, node, expected: "\(key): a whole number", found: node.summary)
    }
    return value
  }

  private func number(_ node: YAMLNode, _ key: String) throws(FileError) -> Double {
    guard let value = node.scalar.flatMap({ Double($0.string) }), value.isFinite else {
      throw FileError.yaml(file, node, expected: "\(key): a number", found: node.summary)
    }
    return value
  }
}

extension FileError {
  /// An error at a place in a YAML file.
  package static func yaml(
    _ file: String, _ node: YAMLNode, expected: String? = nil, found: String, hint: String? = nil
  ) -> FileError {
    FileError(
      .invalid, file: file, place: node.place, expected: expected, found: found, hint: hint)
  }
}

extension YAMLNode {
  /// Where it is in its file.
  package var place: String? { mark.map { "line \($0.line), column \($0.column)" } }

  /// What a message says was found.
  package var summary: String {
    switch self {
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "\"\(scalar.string.prefix(60))\""
    case .mapping(let mapping): "a mapping of \(mapping.count)"
    case .sequence(let sequence): "a list of \(sequence.count)"
    case .alias: "an alias"
    }
  }
}
