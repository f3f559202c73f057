/// A model as it is stated: a name, the shape of its input, and its layers.
public struct ModelSpec: Sendable {
  /// What the model is called; checkpoints are named after it.
  public var name: String
  /// The shape of one input image: height, width, channels.
  public var input: Shape
  /// The layers, first to last.
  public var layers: [any LayerSpec]

  /// Creates a model from a list of layers.
  public init(_ name: String, input: Shape, layers: [any LayerSpec]) {
    self.name = name
    self.input = input
    self.layers = layers
  }

  /// Creates a model with its layers one below the other.
  public init(_ name: String, input: Shape, @LayerBuilder layers: () -> [any LayerSpec]) {
    self.init(name, input: input, layers: layers())
  }
}

extension ModelSpec: Equatable {
  /// Whether both state the same layers with the same settings.
  public static func == (a: ModelSpec, b: ModelSpec) -> Bool {
    a.name == b.name && a.input == b.input && equal(a.layers, b.layers)
  }

  static func equal(_ a: [any LayerSpec], _ b: [any LayerSpec]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { pair in pair.0.isEqual(to: pair.1) }
  }
}
