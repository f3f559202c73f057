/// Several layers that a model states as one.
///
/// A block appends its layers, and what joins their outputs, to a ``GraphBuilder``. Its lists of layers
/// are rows of its table like any setting, so that files can state them; it appends each list once, in the
/// order of the table. The last it appends is its output, and each of the others is read by a later one.
public protocol BlockSpec: LayerSpec {
  /// Which of its settings says whether the layers are trained that the block adds of its own, as a
  /// residual block its projection; `nil` where it adds none, or they are frozen with the block alone.
  static var trainsOwnLayers: (WritableKeyPath<Self, Bool> & Sendable)? { get }
}

extension BlockSpec {
  /// None.
  public static var trainsOwnLayers: (WritableKeyPath<Self, Bool> & Sendable)? { nil }

  /// Throws: a block is several layers, and cannot be built as one.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    throw ModelError("a \(kind) block is part of a model, not a layer by itself")
  }

  /// Whether both state the same block.
  public static func == (a: Self, b: Self) -> Bool {
    guard a.common == b.common else { return false }
    return settings.allSatisfy { setting in
      guard let lists = setting.layers else { return setting.text(a) == setting.text(b) }
      let (mine, others) = (lists.get(a), lists.get(b))
      return mine.count == others.count
        && zip(mine, others).allSatisfy { ModelSpec.equal($0.0, $0.1) }
    }
  }
}

/// Lists of layers as a setting of a block.
package struct LayerLists<Owner: Sendable>: Sendable {
  /// Whether the setting is a list of branches, each of which is a list of layers; one list otherwise.
  package let isBranched: Bool
  /// The lists of an owner.
  package let get: @Sendable (Owner) -> [[any LayerSpec]]
  /// Replaces the lists of an owner.
  package let set: @Sendable ([[any LayerSpec]], inout Owner) -> Void
}

extension Setting where Owner: BlockSpec {
  /// A list of layers.
  public init(
    _ key: String, _ path: WritableKeyPath<Owner, [any LayerSpec]> & Sendable, _ help: String
  ) {
    self.init(
      key, values: "a list of layers", help,
      layers: LayerLists(
        isBranched: false, get: { [$0[keyPath: path]] },
        set: { $1[keyPath: path] = $0.first ?? [] }))
  }

  /// A list of branches, each of which is a list of layers.
  public init(
    branches key: String, _ path: WritableKeyPath<Owner, [[any LayerSpec]]> & Sendable,
    _ help: String
  ) {
    self.init(
      key, values: "a list of lists of layers", help,
      layers: LayerLists(
        isBranched: true, get: { $0[keyPath: path] }, set: { $1[keyPath: path] = $0 }))
  }
}
