import NeuralNetwork

/// Writes layers as a model file states them: the settings that differ from the defaults of the layer's
/// kind, and those that have to be stated.
enum LayerEncoder {
  /// The lines of a list of layers, or `nil` where one of them is of a kind that is not in the
  /// ``LayerRegistry``.
  static func lines(_ layers: [any LayerSpec], indent: String) -> [String]? {
    var lines: [String] = []
    for layer in layers {
      guard let own = self.lines(layer, indent: indent) else { return nil }
      lines += own
    }
    return lines
  }

  /// The first kind that is not in the registry, blocks included; `nil` where all are.
  static func unknownKind(_ layers: [any LayerSpec]) -> String? {
    for layer in layers {
      if let kind = unknownKind(layer) { return kind }
    }
    return nil
  }

  private static func unknownKind<Spec: LayerSpec>(_ layer: Spec) -> String? {
    guard isKnown(Spec.self) else { return layer.kind }
    for lists in Spec.settings.compactMap(\.layers) {
      if let kind = unknownKind(lists.get(layer).flatMap { $0 }) { return kind }
    }
    return nil
  }

  private static func isKnown(_ type: any LayerSpec.Type) -> Bool {
    LayerRegistry.type(of: type.kind).map { $0 == type } ?? false
  }

  private static func lines<Spec: LayerSpec>(_ layer: Spec, indent: String) -> [String]? {
    guard isKnown(Spec.self) else { return nil }
    var texts = Spec.settings.filter {
      $0.layers == nil && ($0.about.isRequired || $0.text(layer) != $0.text(Spec.prototype))
    }.map { (key: $0.key, text: $0.text(layer)) }
    if let name = layer.name { texts.append(("name", name.yamlQuoted)) }
    texts += LayerCommon.settings.filter {
      $0.key != "name" && $0.text(layer.common) != $0.text(LayerCommon.prototype)
    }.map { ($0.key, $0.text(layer.common)) }

    let lists = Spec.settings.filter { $0.layers != nil }
    guard lists.isEmpty else {
      var lines = ["\(indent)- \(layer.kind):"]
      lines += texts.map { "\(indent)    \($0.key): \($0.text)" }
      for setting in lists {
        let isEmpty = setting.layers.map { $0.get(layer).allSatisfy(\.isEmpty) } ?? true
        if isEmpty && !setting.about.isRequired { continue }
        guard let list = setting.layers, let inner = branches(list, layer, indent + "      ") else {
          return nil
        }
        lines += ["\(indent)    \(setting.key):"] + inner
      }
      return lines
    }
    if texts.isEmpty { return ["\(indent)- \(layer.kind)"] }
    let text = texts.map { "\($0.key): \($0.text)" }.joined(separator: ", ")
    return ["\(indent)- \(layer.kind): {\(text)}"]
  }

  private static func branches<Spec: LayerSpec>(
    _ lists: LayerLists<Spec>, _ layer: Spec, _ indent: String
  ) -> [String]? {
    let branches = lists.get(layer)
    guard lists.isBranched else { return lines(branches.first ?? [], indent: indent) }
    var all: [String] = []
    for branch in branches {
      guard !branch.isEmpty else {
        all.append("\(indent)- []")
        continue
      }
      guard let inner = lines(branch, indent: indent + "  ") else { return nil }
      all += ["\(indent)-"] + inner
    }
    return all
  }
}

extension String {
  /// This text in double quotes, as YAML reads it back.
  var yamlQuoted: String {
    var text = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
