/// A layer as a model states it, before any shape is known.
public protocol LayerSpec: Sendable, Equatable {
  /// The name of this kind of layer in a model file.
  static var kind: String { get }
  /// The name the model gives this layer; `nil` for one made from the kind.
  var name: String? { get set }

  /// Makes the layer for an input shape, or says why it does not fit.
  func build(input: Shape) throws(ModelError) -> any Layer
  /// Appends the layer to `graph`; a block of several layers appends them all.
  func add(to graph: inout GraphBuilder) throws(ModelError)
}

extension LayerSpec {
  /// The name of this kind of layer in a model file.
  public var kind: String { Self.kind }

  /// Appends the one layer that ``build(input:)`` makes to `graph`.
  public func add(to graph: inout GraphBuilder) throws(ModelError) {
    try graph.append(self)
  }

  /// The same layer under a name of your own.
  public func named(_ name: String) -> Self {
    var copy = self
    copy.name = name
    return copy
  }
}
