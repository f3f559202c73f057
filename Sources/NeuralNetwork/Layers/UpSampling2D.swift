import CKernels

/// Makes an image larger by whole factors: the way back from a pooling.
public struct UpSampling2D: LayerSpec {
  /// What lies between the pixels of the input.
  public enum Interpolation: String, CaseIterable, SettingValue {
    /// The pixel itself, as often as the factors say.
    case nearest
    /// A mean of the pixels round the place, weighted by how near they are.
    case bilinear
  }

  /// `up_sampling2d`.
  public static let kind = "up_sampling2d"
  /// What it computes.
  public static let help = "a larger image"
  /// One with every default.
  public static let prototype = UpSampling2D()
  /// What can be set.
  public static let settings: [Setting<UpSampling2D>] = [
    Setting("size", \.size, "how many rows and columns each pixel becomes"),
    Setting("interpolation", \.interpolation, "what lies between the pixels of the input"),
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// How many rows and columns each pixel becomes.
  public var size: Extent2D
  /// What lies between the pixels of the input.
  public var interpolation: Interpolation

  /// Creates an upsampling with Keras's defaults.
  public init(size: Extent2D = 2, interpolation: Interpolation = .nearest) {
    self.size = size
    self.interpolation = interpolation
  }

  /// Makes the layer for images of shape `input`.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    try WindowGeometry.check(size, "size")
    let image = try input.checkedImage
    return UpSampling2DLayer(inputShape: image, size: size, interpolation: interpolation)
  }
}

/// An upsampling of images whose shape is known.
struct UpSampling2DLayer: Layer {
  let inputShape: Shape
  let size: Extent2D
  let interpolation: UpSampling2D.Interpolation

  var outputShape: Shape {
    [inputShape[0] * size.height, inputShape[1] * size.width, inputShape[2]]
  }

  func isIdentity(training: Bool) -> Bool { size == 1 }

  var reach: Reach {
    switch interpolation {
    case .nearest: .magnified(1, by: size)
    case .bilinear: .magnified(Extent2D(min(size.height, 2), min(size.width, 2)), by: size)
    }
  }

  /// The form the C loops take.
  private var upsampling: MCUpsampling {
    MCUpsampling(
      height: Int32(inputShape[0]), width: Int32(inputShape[1]), channels: Int32(inputShape[2]),
      rows: Int32(size.height), columns: Int32(size.width))
  }

  // nearest: y[p, q] = x[p / rows, q / columns]; bilinear: y[p, q] = x at ((p + ½) / rows − ½,
  // (q + ½) / columns − ½), where the outermost pixels go on beyond the edges
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    withUnsafePointer(to: upsampling) {
      switch interpolation {
      case .nearest: mc_upsample_nearest_forward($0, x.samples, x.pointer, y.mutablePointer())
      case .bilinear: mc_upsample_bilinear_forward($0, x.samples, x.pointer, y.mutablePointer())
      }
    }
  }

  // each pixel gets what it gave: dy times its weight, summed over the outputs it went into
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    guard let dx = dx?.mutablePointer() else { return }
    withUnsafePointer(to: upsampling) {
      switch interpolation {
      case .nearest: mc_upsample_nearest_backward($0, dy.samples, dy.pointer, dx)
      case .bilinear: mc_upsample_bilinear_backward($0, dy.samples, dy.pointer, dx)
      }
    }
  }
}
