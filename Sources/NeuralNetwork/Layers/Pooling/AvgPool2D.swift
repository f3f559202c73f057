import CKernels

/// The mean of each window that slides over an image; padding is left out of the divisor.
public struct AvgPool2D: LayerSpec {
  /// `avg_pool2d`.
  public static let kind = "avg_pool2d"
  /// `average_pooling2d`.
  public static let kerasClass = "average_pooling2d"
  /// What it computes.
  public static let help = "the mean of each window"
  /// One with every default.
  public static let prototype = AvgPool2D()
  /// What can be set.
  public static let settings: [Setting<AvgPool2D>] = [
    Setting("window", \.window, "the rows and columns of a window"),
    Setting(
      "stride", \.stride, default: "window", "the steps between neighbouring windows"),
    Setting("padding", \.padding, "what surrounds the image"),
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// Rows and columns of a window.
  public var window: Extent2D
  /// Steps between neighbouring windows; the window where `nil`.
  public var stride: Extent2D?
  /// What surrounds the image.
  public var padding: Padding

  /// Creates an average pooling; without a stride the windows tile the image, as in Keras.
  public init(window: Extent2D = 2, stride: Extent2D? = nil, padding: Padding = .valid) {
    self.window = window
    self.stride = stride
    self.padding = padding
  }

  /// Makes the layer for images of shape `input`.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    let geometry = try WindowGeometry(
      input: input, extent: window, name: "window", stride: stride ?? window,
      padding: padding)
    return AvgPool2DLayer(geometry: geometry, inputShape: input)
  }
}

/// An average pooling whose shapes are known.
struct AvgPool2DLayer: RowwiseLayer {
  let geometry: WindowGeometry
  let inputShape: Shape

  var outputShape: Shape { geometry.outputShape }
  var reach: Reach { geometry.reach }

  var rowStep: Int? { 1 }

  func inputRows(of rows: Range<Int>) -> Range<Int> { geometry.inputRows(of: rows) }

  func forward(
    rows: Range<Int>, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    weights: Weights, cache: Cache
  ) {
    geometry.withPart(rows, x, y) { window, x, y in mc_avg_pool2d_forward(window, 1, x, y) }
  }

  // y = Σ over the window's positions inside the image / their number
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    withUnsafePointer(to: geometry.window) {
      mc_avg_pool2d_forward($0, x.samples, x.pointer, y.mutablePointer())
    }
  }

  // each of those positions gets an equal share of dy
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    guard let dx = dx?.mutablePointer() else { return }
    withUnsafePointer(to: geometry.window) {
      mc_avg_pool2d_backward($0, dy.samples, dy.pointer, dx)
    }
  }
}
