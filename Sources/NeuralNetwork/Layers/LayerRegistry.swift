/// The kinds of layers that model files and checkpoints can state: all of ours, and those that a
/// program adds.
public enum LayerRegistry {
  /// Our own, in the order in which help and documents list them.
  public static let builtIn: [any LayerSpec.Type] = [
    Conv2D.self, DepthwiseConv2D.self, Conv2DTranspose.self, Dense.self,
    MaxPool2D.self, AvgPool2D.self, GlobalMaxPool2D.self, GlobalAvgPool2D.self,
    UpSampling2D.self, ZeroPadding2D.self,
    ReLU.self, ReLU6.self, LeakyReLU.self, PReLU.self, ELU.self, GELU.self, SiLU.self, Sigmoid.self,
    Tanh.self, Softmax.self,
    BatchNorm.self, GroupNorm.self, LayerNorm.self,
    Dropout.self, SpatialDropout2D.self, GaussianNoise.self,
    Rescaling.self, Normalization.self, Flatten.self, Reshape.self,
    Residual.self, Concatenate.self, Multiply.self,
  ]

  private static let registry = KindRegistry<any LayerSpec.Type>(
    of: "layer", builtIn, name: { $0.kind }, isSame: { $0 == $1 })

  /// Adds a kind of layer of your own; adding it again does nothing.
  ///
  /// Call it before the first model file or checkpoint that has such a layer is read or written. Its kind
  /// must be no other layer's.
  public static func register(_ type: any LayerSpec.Type) { registry.register(type) }

  /// All kinds: ours, then those that were added.
  public static var all: [any LayerSpec.Type] { registry.all }
  /// What model files call them.
  public static var kinds: [String] { registry.names }

  /// The layer of a kind; `nil` where there is none.
  public static func type(of kind: String) -> (any LayerSpec.Type)? {
    registry.kind(named: kind)
  }
}
