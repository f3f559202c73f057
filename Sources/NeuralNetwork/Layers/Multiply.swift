/// A block whose output is its input times what its layers make of it: number by number, or with one
/// factor for each channel.
///
/// Hu, Shen and Sun 2018, "Squeeze-and-excitation networks": an average over the image, a dense layer or
/// two and a sigmoid say how much of each channel goes on.
public struct Multiply: BlockSpec {
  /// `multiply`.
  public static let kind = "multiply"
  /// What it computes.
  public static let help = "its input times its layers' output"
  /// A block without layers yet.
  public static let prototype = Multiply(layers: [])
  /// What can be set.
  public static let settings: [Setting<Multiply>] = [
    Setting(
      "layers", \.layers,
      "the layers whose output is the factor: of the input's shape, or a number for each channel"
    ).required()
  ]
  /// The name the model gives this block, and whether it is trained.
  public var common = LayerCommon()
  /// The layers whose output is the factor.
  public var layers: [any LayerSpec]

  /// Creates a block of layers whose output multiplies the input.
  public init(layers: [any LayerSpec]) { self.layers = layers }

  /// Creates a block of layers, one below the other, whose output multiplies the input.
  public init(@LayerBuilder layers: () -> [any LayerSpec]) { self.init(layers: layers()) }

  /// Appends the block's layers and the product.
  public func add(to graph: inout GraphBuilder) throws(ModelError) {
    guard !layers.isEmpty else { throw ModelError("layers: expected at least one, found none") }
    let start = graph.current
    let input = graph.shape
    try graph.append(contentsOf: layers)
    let factor = graph.shape, end = graph.current
    let channels = input.rank == 3 ? input[2] : 0
    guard factor == input || factor == [channels] || factor == [1, 1, channels] else {
      let wanted = input.rank == 3 ? "\(input), or a vector of \(channels)" : "\(input)"
      throw ModelError(
        "its layers turn \(input) into \(factor); expected \(wanted)",
        hint: input.rank == 3
          ? "end with dense: {units: \(channels)} for a factor each channel" : nil)
    }
    graph.rewind(to: start)
    try graph.appendProduct(with: end, named: name)
  }
}
