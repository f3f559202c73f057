import NeuralNetwork

/// How PyTorch lets a kernel or a pooling window slide: with as much padding before as after, which its layers know
/// of, or with margins that are added first.
struct TorchWindow {
  private let rows: (before: Int, after: Int)
  private let columns: (before: Int, after: Int)
  private let extent: Extent2D

  init(
    _ input: Shape, _ extent: Extent2D, stride: Extent2D, dilation: Extent2D = 1, padding: Padding
  ) {
    self.extent = extent
    rows = padding.amounts(
      input: input[0], extent: (extent.height - 1) * dilation.height + 1, stride: stride.height,
      vertical: true)
    columns = padding.amounts(
      input: input[1], extent: (extent.width - 1) * dilation.width + 1, stride: stride.width,
      vertical: false)
  }

  private var isSymmetric: Bool { rows.before == rows.after && columns.before == columns.after }
  private var amount: Extent2D { Extent2D(rows.before, columns.before) }

  /// The arguments of a convolution besides its channels and its kernel.
  func settings(_ stride: Extent2D, _ dilation: Extent2D) -> String {
    (stride == 1 ? "" : ", stride=\(TorchLayer.pair(stride))")
      + (isSymmetric && amount != Extent2D(0, 0) ? ", padding=\(TorchLayer.pair(amount))" : "")
      + (dilation == 1 ? "" : ", dilation=\(TorchLayer.pair(dilation))")
  }

  /// Left, right, top, bottom, as `F.pad` wants them.
  var margins: String { "(\(columns.before), \(columns.after), \(rows.before), \(rows.after))" }

  /// A convolution's input, with margins where its own padding cannot be stated.
  func padded(_ x: String) -> String { isSymmetric ? x : "F.pad(\(x), \(margins))" }

  /// The last argument of a pooling; `nil` where PyTorch's has no such padding: as much on each side, and at most
  /// half a window of it.
  var poolingMargins: String? {
    guard isSymmetric, rows.before <= extent.height / 2, columns.before <= extent.width / 2 else {
      return nil
    }
    return amount == Extent2D(0, 0) ? "" : ", padding=\(TorchLayer.pair(amount))"
  }
}

/// Which part of a transposed convolution's windows PyTorch keeps, and what has to be cut off after that.
struct TorchTransposition {
  /// One axis.
  private struct Axis {
    /// What is cut off on both sides.
    let padding: Int
    /// What is added at the end.
    let after: Int
    /// What is still to be cut off at the end, which PyTorch cannot do: at most 1.
    let surplus: Int

    init(input: Int, output: Int, kernel: Int, stride: Int, before: Int) {
      padding = before
      let extent = (input - 1) * stride + kernel - 2 * before
      after = max(output - extent, 0)
      surplus = max(extent - output, 0)
    }
  }

  private let rows: Axis
  private let columns: Axis
  private let output: Shape

  init(_ spec: Conv2DTranspose, input: Shape, output: Shape) {
    let spread = Extent2D(
      (spec.kernel.height - 1) * spec.dilation.height + 1,
      (spec.kernel.width - 1) * spec.dilation.width + 1)
    // The windows lie where those of the convolution do whose gradient this is.
    let padding: Padding = spec.padding == .same ? .same : .valid
    rows = Axis(
      input: input[0], output: output[0], kernel: spread.height, stride: spec.stride.height,
      before: padding.amounts(
        input: output[0], extent: spread.height, stride: spec.stride.height, vertical: true
      ).before)
    columns = Axis(
      input: input[1], output: output[1], kernel: spread.width, stride: spec.stride.width,
      before: padding.amounts(
        input: output[1], extent: spread.width, stride: spec.stride.width, vertical: false
      ).before)
    self.output = output
  }

  /// The arguments besides channels and kernel.
  func settings(_ spec: Conv2DTranspose) throws(ModelError) -> String {
    guard rows.after < max(spec.stride.height, spec.dilation.height),
      columns.after < max(spec.stride.width, spec.dilation.width)
    else {
      throw ModelError(
        "PyTorch adds fewer rows and columns than the stride, not \(rows.after) and \(columns.after)"
      )
    }
    let padding = Extent2D(rows.padding, columns.padding)
    let after = Extent2D(rows.after, columns.after)
    return (spec.stride == 1 ? "" : ", stride=\(TorchLayer.pair(spec.stride))")
      + (padding == Extent2D(0, 0) ? "" : ", padding=\(TorchLayer.pair(padding))")
      + (after == Extent2D(0, 0) ? "" : ", output_padding=\(TorchLayer.pair(after))")
      + (spec.dilation == 1 ? "" : ", dilation=\(TorchLayer.pair(spec.dilation))")
  }

  /// What is left of PyTorch's output.
  var crop: String {
    rows.surplus == 0 && columns.surplus == 0 ? "" : "[:, :, :\(output[0]), :\(output[1])]"
  }
}
