import Files
import NeuralNetwork
import Yams

/// Reads the layers of a model file: each a name, or a name with its settings.
struct LayerDecoder {
  let file: String
  /// Layers read so far; a file that repeats itself through aliases must not grow without bound.
  private var count = 0

  static let mostLayers = 1000
  private static var none: YAMLNode { .mapping(YAMLNode.Mapping([])) }
  static let kinds = [
    Conv2D.kind, MaxPool2D.kind, AvgPool2D.kind, GlobalAvgPool2D.kind, GlobalMaxPool2D.kind,
    ReLU.kind, LeakyReLU.kind, ELU.kind, Sigmoid.kind, Tanh.kind, GELU.kind, Softmax.kind,
    Dense.kind, Flatten.kind, Dropout.kind, BatchNorm.kind, Residual.kind,
  ]

  init(file: String) { self.file = file }

  mutating func layers(_ node: YAMLNode) throws(FileError) -> [any LayerSpec] {
    guard let sequence = node.sequence else {
      throw FileError.yaml(file, node, expected: "layers: a list", found: node.summary)
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
    guard let kind = kindNode.scalar?.string, Self.kinds.contains(kind) else {
      throw FileError.yaml(
        file, kindNode, expected: "a kind of layer (\(Self.kinds.joined(separator: ", ")))",
        found: kindNode.summary, hint: kindNode.scalar.flatMap { Self.kinds.closest(to: $0.string) }
      )
    }
    return try decode(kind, settings, at: node)
  }

  private mutating func decode(
    _ kind: String, _ settings: YAMLNode, at node: YAMLNode
  ) throws(FileError) -> any LayerSpec {
    func fields(_ keys: String...) throws(FileError) -> YAMLFields {
      // A layer that is a bare name has no position in the file but the name's.
      let source = settings.mark == nil ? settings.placed(at: node) : settings
      return try YAMLFields(source, file: file, owner: kind, allowed: keys + ["name"])
    }
    func named(_ spec: some LayerSpec, _ fields: YAMLFields) throws(FileError) -> any LayerSpec {
      var spec = spec
      spec.name = try fields.text("name")
      return spec
    }
    switch kind {
    case Conv2D.kind:
      let f = try fields(
        "filters", "kernel", "stride", "padding", "dilation", "groups", "bias", "initializer")
      let filters = try f.required("filters")
      return try named(
        Conv2D(
          filters: try f.integer(filters, "filters"),
          kernel: try f.extent(try f.required("kernel"), "kernel"),
          stride: try f.optionalExtent("stride") ?? 1, padding: try f.padding() ?? .valid,
          dilation: try f.optionalExtent("dilation") ?? 1, groups: try f.integer("groups") ?? 1,
          bias: try f.flag("bias") ?? true,
          initializer: try f.choice("initializer", Initializer.self) ?? .glorotUniform), f)
    case MaxPool2D.kind:
      let f = try fields("window", "stride", "padding")
      return try named(
        MaxPool2D(
          window: try f.optionalExtent("window") ?? 2, stride: try f.optionalExtent("stride"),
          padding: try f.padding() ?? .valid), f)
    case AvgPool2D.kind:
      let f = try fields("window", "stride", "padding")
      return try named(
        AvgPool2D(
          window: try f.optionalExtent("window") ?? 2, stride: try f.optionalExtent("stride"),
          padding: try f.padding() ?? .valid), f)
    case GlobalAvgPool2D.kind: return try named(GlobalAvgPool2D(), try fields())
    case GlobalMaxPool2D.kind: return try named(GlobalMaxPool2D(), try fields())
    case ReLU.kind: return try named(ReLU(), try fields())
    case LeakyReLU.kind:
      let f = try fields("slope")
      return try named(LeakyReLU(slope: try f.float("slope") ?? 0.3), f)
    case ELU.kind:
      let f = try fields("alpha")
      return try named(ELU(alpha: try f.float("alpha") ?? 1), f)
    case Sigmoid.kind: return try named(Sigmoid(), try fields())
    case Tanh.kind: return try named(Tanh(), try fields())
    case GELU.kind: return try named(GELU(), try fields())
    case Softmax.kind: return try named(Softmax(), try fields())
    case Dense.kind:
      let f = try fields("units", "bias", "initializer")
      return try named(
        Dense(
          units: try f.integer(try f.required("units"), "units"),
          bias: try f.flag("bias") ?? true,
          initializer: try f.choice("initializer", Initializer.self) ?? .glorotUniform), f)
    case Flatten.kind: return try named(Flatten(), try fields())
    case Dropout.kind:
      let f = try fields("rate")
      _ = try f.required("rate")
      return try named(Dropout(rate: try f.float("rate") ?? 0), f)
    case BatchNorm.kind:
      let f = try fields("momentum", "epsilon", "center", "scale")
      return try named(
        BatchNorm(
          momentum: try f.float("momentum") ?? 0.99, epsilon: try f.float("epsilon") ?? 1e-3,
          center: try f.flag("center") ?? true, scale: try f.flag("scale") ?? true), f)
    default:
      let f = try fields("layers", "projection")
      let inner = try layers(try f.required("layers"))
      return try named(
        Residual(
          projection: try f.choice("projection", Residual.Projection.self) ?? .auto, layers: inner),
        f)
    }
  }
}

extension YAMLFields {
  /// A side, or a height and a width.
  fileprivate func extent(_ node: YAMLNode, _ key: String) throws(FileError) -> Extent2D {
    if node.sequence == nil {
      let side = try integer(node, key)
      return Extent2D(side, side)
    }
    let pair = try integers(node, key, counts: 2...2)
    return Extent2D(pair[0], pair[1])
  }

  fileprivate func optionalExtent(_ key: String) throws(FileError) -> Extent2D? {
    try node(key).map { (node) throws(FileError) in try extent(node, key) }
  }

  /// `valid`, `same`, one number for all sides, or top, bottom, left and right.
  fileprivate func padding() throws(FileError) -> Padding? {
    guard let node = node("padding") else { return nil }
    if node.sequence != nil {
      let sides = try integers(node, "padding", counts: 4...4)
      return .explicit(top: sides[0], bottom: sides[1], left: sides[2], right: sides[3])
    }
    switch node.scalar?.string {
    case "valid": return .valid
    case "same": return .same
    case let text? where Int(text) != nil: return .all(try integer(node, "padding"))
    default:
      throw FileError.yaml(
        file, node,
        expected: "padding: valid, same, a number, or [top, bottom, left, right]",
        found: node.summary)
    }
  }
}

extension YAMLNode {
  /// An empty mapping at another node's position, for messages.
  fileprivate func placed(at other: YAMLNode) -> YAMLNode {
    .mapping(Mapping([], Tag(.map), .any, other.mark))
  }
}
