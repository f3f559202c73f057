import CKernels

/// The maximum of each window that slides over an image.
///
/// The window says how many positions compete, the stride how far apart neighbouring windows start;
/// they are independent, so windows may overlap (stride below the window) or leave gaps. A feature
/// that moves by less than a window often keeps its output: the layer is robust to small shifts.
public struct MaxPool2D: LayerSpec {
  /// `max_pool2d`.
  public static let kind = "max_pool2d"
  /// `max_pooling2d`.
  public static let kerasClass = "max_pooling2d"
  /// What it computes.
  public static let help = "the maximum of each window"
  /// One with every default.
  public static let prototype = MaxPool2D()
  /// What can be set.
  public static let settings: [Setting<MaxPool2D>] = [
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
  /// What surrounds the image; padding never wins.
  public var padding: Padding

  /// Creates a max pooling; without a stride the windows tile the image, as in Keras.
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
    return MaxPool2DLayer(geometry: geometry, inputShape: input)
  }
}

/// A max pooling whose shapes are known.
struct MaxPool2DLayer: FusibleLayer, RowwiseLayer {
  let geometry: WindowGeometry
  let inputShape: Shape

  var outputShape: Shape { geometry.outputShape }
  var reach: Reach { geometry.reach }
  var sparsity: Sparsity { .passed }
  /// Whether the position of a maximum within its window fits a byte.
  var fitsByte: Bool { Int(geometry.window.kernelHeight) * Int(geometry.window.kernelWidth) <= 256 }

  var fusible: FusibleOperation? { .maxPooling(geometry) }

  var cached: [CachedArray] {
    [CachedArray("argmax", fitsByte ? .byte : .index, perSample: outputShape.count)]
  }

  var rowStep: Int? { 1 }

  func inputRows(of rows: Range<Int>) -> Range<Int> { geometry.inputRows(of: rows) }

  func forward(
    rows: Range<Int>, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    weights: Weights, cache: Cache
  ) {
    geometry.withPart(rows, x, y) { window, x, y in mc_max_pool2d_forward(window, 1, x, y, nil) }
  }

  // y = max over the window; argmax = where in the window it was, the first one in a tie. Nothing asks for
  // that where no backward pass follows.
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    withUnsafePointer(to: geometry.window) { window in
      if fitsByte {
        mc_max_pool2d_forward(
          window, x.samples, x.pointer, y.mutablePointer(), cache.isRead ? cache.bytes(0) : nil)
      } else {
        mc_max_pool2d_forward_wide(
          window, x.samples, x.pointer, y.mutablePointer(), cache.isRead ? cache.indices(0) : nil)
      }
    }
  }

  // dx[where argmax points] += dy, all else 0: only the winner of a window had a say in its output
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    guard let dx = dx?.mutablePointer() else { return }
    withUnsafePointer(to: geometry.window) { window in
      if fitsByte {
        mc_max_pool2d_backward(window, dy.samples, dy.pointer, cache.bytes(0), dx)
      } else {
        mc_max_pool2d_backward_wide(window, dy.samples, dy.pointer, cache.indices(0), dx)
      }
    }
  }
}
