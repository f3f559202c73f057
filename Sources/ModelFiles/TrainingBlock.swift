import Files
import NeuralNetwork
import Training
import Yams

extension TrainingOptions {
  /// Reads a `training:` block: what it can state follows from ``TrainingOptions/descriptions``.
  package init(_ node: YAMLNode, file: String) throws(FileError) {
    self.init()
    let fields = try YAMLFields(node, file: file, owner: "training", allowed: Self.keys)
    for about in Self.descriptions {
      guard let node = fields.node(about.key) else { continue }
      let inner =
        node.mapping == nil || about.innerKeys.isEmpty
        ? nil
        : try YAMLFields(node, file: file, owner: about.key, allowed: about.innerKeys)
      let text =
        try inner.map { (inner) throws(FileError) in try inner.pairs(about.innerKeys) }
        ?? node.scalar?.string
      do throws(SettingError) {
        guard let text else {
          throw SettingError(about.key, expected: about.values, found: node.summary)
        }
        try state(about.key, text)
      } catch {
        // An error inside a mapping is placed there.
        let key = String(error.setting.dropFirst(about.key.count + 1))
        let place = inner?.node(key) ?? node
        throw FileError.yaml(
          file, place, expected: "\(inner == nil ? error.setting : key): \(error.expected)",
          found: text == nil ? error.found : place.summary, hint: error.hint)
      }
    }
  }

  /// The lines of a `training:` block that states these options.
  func yamlLines(indent: String) -> [String] {
    let structured = Set(Self.descriptions.filter(\.isStructured).map(\.key))
    // YAML gives colons and commas in a bare text a meaning of their own.
    return stated.map { "\(indent)\($0): \(structured.contains($0) ? $1.yamlQuoted : $1)" }
  }

  /// These options as the text of a YAML mapping.
  package var yaml: String { yamlLines(indent: "").joined(separator: "\n") + "\n" }

  /// Reads options from the text of a YAML mapping.
  package init(yaml: String, file: String) throws(FileError) {
    guard let node = try YAMLNode.parse(yaml, file: file) else {
      throw FileError(.invalid, file: file, expected: "settings", found: "an empty text")
    }
    try self.init(node, file: file)
  }
}

extension YAMLFields {
  /// The values as one text, `key=value,key=value`.
  fileprivate func pairs(_ keys: [String]) throws(FileError) -> String {
    var pairs: [String] = []
    for key in keys {
      if let value = try text(key) { pairs.append("\(key)=\(value)") }
    }
    return pairs.isEmpty ? "none" : pairs.joined(separator: ",")
  }
}
