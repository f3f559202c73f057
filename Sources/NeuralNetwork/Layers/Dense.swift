/// A fully connected layer: y = x·kernel + bias.
public struct Dense: LayerSpec {
  /// `dense`.
  public static let kind = "dense"
  /// What it computes.
  public static let help = "every output a weighted sum of all inputs"
  /// One with every default.
  public static let prototype = Dense(units: 1)
  /// What can be set.
  public static let settings: [Setting<Dense>] = [
    Setting("units", \.units, .from(1, to: Network.largestVariable), "the outputs").required(),
    Setting("bias", \.bias, "whether a bias is added"),
    Setting("initializer", \.initializer, "how the kernel is filled before training"),
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// Outputs.
  public var units: Int
  /// Whether a bias is added.
  public var bias: Bool
  /// How the kernel is initialized; Keras's default is Glorot uniform.
  public var initializer: Initializer

  /// Creates a dense layer with this many outputs.
  public init(units: Int, bias: Bool = true, initializer: Initializer = .glorotUniform) {
    self.units = units
    self.bias = bias
    self.initializer = initializer
  }

  /// Makes the layer for vectors of shape `input`.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    guard input.rank == 1 else {
      throw ModelError(
        "takes vectors, not \(input)", hint: "put flatten or global_avg_pool2d before it")
    }
    guard Shape.checkedCount([input[0], units], limit: Network.largestVariable) != nil else {
      throw ModelError(
        "units: expected 1 to \(Network.largestVariable / max(input[0], 1)), found \(units)")
    }
    return DenseLayer(inputShape: input, units: units, bias: bias, initializer: initializer)
  }
}
