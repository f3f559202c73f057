/// Appends layers one after the other, working out every shape, and names the one that does not
/// fit.
public struct GraphBuilder {
  private(set) var nodes: [Node] = []
  private(set) var shapes: [Shape]
  /// The number of the activation that the next layer reads.
  public private(set) var current = 0
  private var uses: [String: Int] = [:]
  private var names: Set<String> = []

  /// The most numbers one sample may have between two layers: 64 Mi, a quarter of a gigabyte.
  static let largestActivation = 1 << 26

  init(input: Shape) { shapes = [input] }

  /// The shape of the activation that the next layer reads.
  public var shape: Shape { shapes[current] }

  /// Appends all layers of a list; errors name a layer by its number.
  mutating func append(contentsOf layers: [any LayerSpec]) throws(ModelError) {
    for (number, spec) in layers.enumerated() {
      do {
        try spec.add(to: &self)
      } catch {
        throw error.at("layer \(number + 1) (\(spec.name ?? spec.kind))")
      }
    }
  }

  /// Appends one layer after the current activation.
  public mutating func append(_ spec: any LayerSpec) throws(ModelError) {
    var layer = try spec.build(input: shape)
    if var dropout = layer as? DropoutLayer {
      dropout.position = nodes.count
      layer = dropout
    }
    guard layer.inputShape == shape else {
      throw ModelError("is built for an input \(layer.inputShape), but gets \(shape)")
    }
    let name = try uniqueName(spec.name, kind: spec.kind)
    try put(.layer(layer), name: name, shape: layer.outputShape)
  }

  /// Appends the sum of the current activation and another one of the same shape.
  mutating func addSum(with other: Int) throws(ModelError) {
    precondition(shapes[other] == shape, "cannot add \(shapes[other]) to \(shape)")
    try put(.add(other), name: try uniqueName(nil, kind: "add"), shape: shape)
  }

  /// Lets the next layer read an earlier activation.
  mutating func rewind(to activation: Int) { current = activation }

  private mutating func put(
    _ operation: Node.Operation, name: String, shape: Shape
  ) throws(ModelError) {
    guard Shape.checkedCount(shape.array, limit: Self.largestActivation) != nil else {
      throw ModelError(
        "its output \(shape) is too large: at most \(Self.largestActivation) numbers")
    }
    nodes.append(
      Node(
        name: name, operation: operation, input: current, output: shapes.count, outputShape: shape))
    shapes.append(shape)
    current = shapes.count - 1
  }

  private mutating func uniqueName(_ given: String?, kind: String) throws(ModelError) -> String {
    if let given {
      guard names.insert(given).inserted else {
        throw ModelError("the name \"\(given)\" is taken by another layer")
      }
      return given
    }
    var name: String
    repeat {
      let use = uses[kind, default: 0]
      uses[kind] = use + 1
      name = use == 0 ? kind : "\(kind)_\(use)"
    } while !names.insert(name).inserted
    return name
  }
}
