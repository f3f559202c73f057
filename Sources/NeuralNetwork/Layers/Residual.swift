/// A block whose output is the sum of its layers' output and a shortcut past them.
///
/// He et al. 2015, "Deep residual learning for image recognition". Gradients reach what comes
/// before the block undiminished through the shortcut.
public struct Residual: BlockSpec {
  /// What the shortcut does.
  public enum Projection: String, CaseIterable, SettingValue {
    /// Identity where the shapes agree, otherwise a 1×1 convolution.
    case auto
    /// Nothing; the shapes have to agree.
    case identity
    /// A 1×1 convolution with a bias, whose stride makes up for the block's.
    case conv
  }

  /// `residual`.
  public static let kind = "residual"
  /// What it computes.
  public static let help = "its layers plus a shortcut past them"
  /// A block without layers yet.
  public static let prototype = Residual(layers: [])
  /// What can be set.
  public static let settings: [Setting<Residual>] = [
    Setting("layers", \.layers, "the layers that the shortcut bypasses").required(),
    Setting(
      "projection", \.projection,
      "the shortcut: identity, a 1×1 convolution, or that where the shapes differ"),
    Setting(
      "projection_trainable", \.trainsProjection,
      "whether training changes the shortcut's convolution"),
    Setting(
      "shortcut", \.shortcut, "the layers of the shortcut, where it is more than projection says"),
  ]
  /// ``trainsProjection``.
  public static var trainsOwnLayers: (WritableKeyPath<Residual, Bool> & Sendable)? {
    let path: WritableKeyPath<Residual, Bool> & Sendable = \Residual.trainsProjection
    return path
  }
  /// The name the model gives this block, and whether it is trained.
  public var common = LayerCommon()
  /// What the shortcut does.
  public var projection: Projection
  /// Whether training changes the shortcut's convolution, where there is one and the block is trained.
  public var trainsProjection = true
  /// The layers that the shortcut bypasses.
  public var layers: [any LayerSpec]
  /// The layers of the shortcut, as a convolution and a batch normalization; none for what ``projection`` says.
  public var shortcut: [any LayerSpec]

  /// Creates a block of layers with a shortcut.
  public init(
    projection: Projection = .auto, layers: [any LayerSpec], shortcut: [any LayerSpec] = []
  ) {
    self.projection = projection
    self.layers = layers
    self.shortcut = shortcut
  }

  /// Creates a block of layers, one below the other, with a shortcut.
  public init(projection: Projection = .auto, @LayerBuilder layers: () -> [any LayerSpec]) {
    self.init(projection: projection, layers: layers())
  }

  /// Appends the block's layers, the shortcut's if there are any, and the sum.
  public func add(to graph: inout GraphBuilder) throws(ModelError) {
    guard !layers.isEmpty else { throw ModelError("layers: expected at least one, found none") }
    let start = graph.current
    let input = graph.shape
    try graph.append(contentsOf: layers)
    let end = graph.current
    let output = graph.shape
    guard shortcut.isEmpty else {
      guard projection == .auto else {
        throw ModelError("has a shortcut of its own and projection: \(projection.rawValue)")
      }
      graph.rewind(to: start)
      try graph.append(contentsOf: shortcut)
      return try appendSum(of: end, output, and: graph.current, in: &graph)
    }
    guard projection == .conv || (projection == .auto && input != output) else {
      guard input == output else {
        throw ModelError(
          "its layers turn \(input) into \(output), which cannot be added to the input",
          hint: "projection: auto puts a 1×1 convolution into the shortcut")
      }
      return try graph.appendSum(with: start)
    }
    let shortcut = try projectionSpec(from: input, to: output)
    graph.rewind(to: start)
    try graph.append(shortcut)
    try appendSum(of: end, output, and: graph.current, in: &graph)
  }

  /// Appends the sum of the layers' output and that of the shortcut, which was appended last.
  private func appendSum(
    of end: Int, _ output: Shape, and shortcut: Int, in graph: inout GraphBuilder
  ) throws(ModelError) {
    guard graph.shape == output else {
      throw ModelError("its layers give \(output), its shortcut gives \(graph.shape)")
    }
    graph.rewind(to: end)
    try graph.appendSum(with: shortcut)
  }

  private func projectionSpec(from input: Shape, to output: Shape) throws(ModelError) -> Conv2D {
    guard input.rank == 3, output.rank == 3 else {
      throw ModelError(
        "a projection maps images to images, not \(input) to \(output)",
        hint: "keep flatten and dense out of a residual block whose shapes differ")
    }
    let stride = Extent2D(
      (input[0] + output[0] - 1) / output[0], (input[1] + output[1] - 1) / output[1])
    var shortcut = Conv2D(filters: output[2], kernel: 1, stride: stride)
    shortcut.common.trainable = trainsProjection
    shortcut.name = name.map { "\($0)_projection" }
    return shortcut
  }
}
