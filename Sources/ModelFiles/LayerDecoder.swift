import Files
import NeuralNetwork
import Yams

/// Reads the layers of a model file, each a kind or a kind with its settings, as the tables of the
/// ``LayerRegistry`` describe them.
struct LayerDecoder {
  let file: String
  /// Layers read so far; a file that repeats itself through aliases must not grow without bound.
  private var count = 0

  static let mostLayers = 1000
  private static var none: YAMLNode { .mapping(YAMLNode.Mapping([])) }

  init(file: String) { self.file = file }

  mutating func layers(_ node: YAMLNode, key: String = "layers") throws(FileError)
    -> [any LayerSpec]
  {
    guard let sequence = node.sequence else {
      throw FileError.yaml(file, node, expected: "\(key): a list", found: node.summary)
    }
    var list: [any LayerSpec] = []
    for element in sequence { list.append(try layer(element)) }
    return list
  }

  private mutating func layer(_ node: YAMLNode) throws(FileError) -> any LayerSpec {
    count += 1
    guard count <= Self.mostLayers else {
      throw FileError.yaml(
        file, node, expected: "at most \(Self.mostLayers) layers", found: "more")
    }
    let kindNode: YAMLNode
    let settings: YAMLNode
    if node.scalar != nil {
      kindNode = node
      settings = Self.none
    } else if let mapping = node.mapping, mapping.count == 1, let pair = mapping.first {
      kindNode = pair.key
      settings = pair.value.scalar?.string.isEmpty == true ? Self.none : pair.value
    } else {
      throw FileError.yaml(
        file, node, expected: "a layer: its kind, or kind: {settings}", found: node.summary)
    }
    guard let kind = kindNode.scalar?.string, let type = LayerRegistry.type(of: kind) else {
      let kinds = LayerRegistry.kinds
      throw FileError.yaml(
        file, kindNode, expected: "a kind of layer (\(kinds.joined(separator: ", ")))",
        found: kindNode.summary,
        hint: kindNode.scalar.map {
          kinds.closest(to: $0.string) ?? "LayerRegistry.register makes one of your own known"
        })
    }
    // A layer that is a bare name has no position in the file but the name's.
    return try decode(type, settings.mark == nil ? settings.placed(at: node) : settings)
  }

  private mutating func decode<Spec: LayerSpec>(
    _ type: Spec.Type, _ settings: YAMLNode
  ) throws(FileError) -> any LayerSpec {
    let fields = try YAMLFields(
      settings, file: file, owner: type.kind, allowed: type.keys + LayerCommon.keys)
    var spec = type.prototype
    for setting in type.settings {
      guard
        let node = setting.about.isRequired
          ? try fields.required(setting.key) : fields.node(setting.key)
      else { continue }
      if let lists = setting.layers {
        lists.set(try branches(node, setting.key, lists.isBranched), &spec)
      } else {
        try read(node, setting, into: &spec)
      }
    }
    for setting in LayerCommon.settings {
      if let node = fields.node(setting.key) { try read(node, setting, into: &spec.common) }
    }
    return spec
  }

  private mutating func branches(
    _ node: YAMLNode, _ key: String, _ isBranched: Bool
  ) throws(FileError) -> [[any LayerSpec]] {
    guard isBranched else { return [try layers(node, key: key)] }
    guard let sequence = node.sequence else {
      throw FileError.yaml(
        file, node, expected: "\(key): a list of lists of layers", found: node.summary)
    }
    var lists: [[any LayerSpec]] = []
    for branch in sequence { lists.append(try layers(branch, key: "a branch")) }
    return lists
  }

  private func read<Owner>(
    _ node: YAMLNode, _ setting: Setting<Owner>, into owner: inout Owner
  ) throws(FileError) {
    do throws(SettingError) {
      guard let text = node.flowText else {
        throw SettingError(setting.key, expected: setting.about.values, found: node.summary)
      }
      try setting.read(text, &owner)
    } catch {
      throw FileError.yaml(
        file, node, expected: "\(setting.key): \(error.expected)", found: node.summary,
        hint: error.hint)
    }
  }
}

extension YAMLNode {
  /// The text of a value: a scalar as it stands, a list of scalars in brackets; `nil` where it is neither.
  fileprivate var flowText: String? {
    if let scalar { return scalar.string }
    guard let sequence else { return nil }
    let texts = sequence.compactMap(\.scalar?.string)
    return texts.count == sequence.count ? "[\(texts.joined(separator: ", "))]" : nil
  }

  /// An empty mapping at another node's position, for messages.
  fileprivate func placed(at other: YAMLNode) -> YAMLNode {
    .mapping(Mapping([], Tag(.map), .any, other.mark))
  }
}
