import CKernels
import Testing

/// One convolution to compare with the plain loops.
struct ConvolutionCase: CustomTestStringConvertible, Sendable {
  var height = 7
  var width = 6
  var inputs = 3
  var outputs = 5
  var kernel = (3, 3)
  var stride = (1, 1)
  var dilation = (1, 1)
  var padding = (0, 0, 0, 0)  // top, left, bottom, right
  var groups = 1
  /// A slope of 1 and no bound are no rectifier.
  var slope: Float = 1
  var bound = Float.infinity
  var pool: Pool?
  var batch = 2

  struct Pool: Sendable {
    var size = (2, 2)
    var stride = (2, 2)
  }

  var convolution: MCConvolution {
    func out(_ size: Int, _ pad: Int, _ kernel: Int, _ dilation: Int, _ stride: Int) -> Int32 {
      Int32(max(0, (size + pad - (kernel - 1) * dilation - 1) / stride + 1))
    }
    let window = MCWindow(
      inHeight: Int32(height), inWidth: Int32(width), inChannels: Int32(inputs),
      outHeight: out(height, padding.0 + padding.2, kernel.0, dilation.0, stride.0),
      outWidth: out(width, padding.1 + padding.3, kernel.1, dilation.1, stride.1),
      outChannels: Int32(outputs), kernelHeight: Int32(kernel.0), kernelWidth: Int32(kernel.1),
      strideHeight: Int32(stride.0), strideWidth: Int32(stride.1),
      dilationHeight: Int32(dilation.0), dilationWidth: Int32(dilation.1),
      padTop: Int32(padding.0), padLeft: Int32(padding.1), groups: Int32(groups))
    var result = MCConvolution(
      window: window, rectifier: rectifier, pooled: false, pool: MCWindow())
    guard let pool else { return result }
    result.pooled = true
    result.pool = MCWindow(
      inHeight: window.outHeight, inWidth: window.outWidth, inChannels: window.outChannels,
      outHeight: out(Int(window.outHeight), 0, pool.size.0, 1, pool.stride.0),
      outWidth: out(Int(window.outWidth), 0, pool.size.1, 1, pool.stride.1),
      outChannels: window.outChannels,
      kernelHeight: Int32(pool.size.0), kernelWidth: Int32(pool.size.1),
      strideHeight: Int32(pool.stride.0), strideWidth: Int32(pool.stride.1),
      dilationHeight: 1, dilationWidth: 1, padTop: 0, padLeft: 0, groups: 1)
    return result
  }

  var rectifier: MCRectifier {
    MCRectifier(rectifies: slope != 1 || bound < .infinity, slope: slope, bound: bound)
  }

  /// Rows and columns of what comes out in the end.
  var output: (rows: Int, columns: Int) {
    let c = convolution
    let last = c.pooled ? c.pool : c.window
    return (Int(last.outHeight), Int(last.outWidth))
  }

  var testDescription: String {
    var text =
      "\(height)x\(width)x\(inputs)->\(outputs) kernel \(kernel) stride \(stride) "
      + "dilation \(dilation) padding \(padding) groups \(groups) batch \(batch)"
    if rectifier.rectifies { text += " slope \(slope) bound \(bound)" }
    if let pool { text += " pool \(pool.size) stride \(pool.stride)" }
    return text
  }
}

extension ConvolutionCase {
  /// The same with a ReLU after it.
  func withReLU() -> ConvolutionCase { rectified(slope: 0) }

  /// The same with y above 0, slope · y elsewhere, at most `bound`.
  func rectified(slope: Float, bound: Float = .infinity) -> ConvolutionCase {
    var result = self
    (result.slope, result.bound) = (slope, bound)
    return result
  }

  /// The same with a max pooling after it.
  func pooled(_ size: (Int, Int) = (2, 2), stride: (Int, Int)? = nil) -> ConvolutionCase {
    var result = self
    result.pool = Pool(size: size, stride: stride ?? size)
    return result
  }

  /// Every option of the loops that any shape may run through.
  static let direct: [ConvolutionCase] = [
    ConvolutionCase(),
    ConvolutionCase(height: 9, width: 15, inputs: 6, outputs: 16, kernel: (5, 4), batch: 1),
    ConvolutionCase(
      height: 4, width: 27, inputs: 16, outputs: 33, kernel: (3, 2), padding: (1, 1, 1, 1)),
    ConvolutionCase(inputs: 8, outputs: 8, kernel: (2, 3), padding: (1, 1, 1, 1)),
    ConvolutionCase(inputs: 17, outputs: 7, kernel: (1, 1)),
    ConvolutionCase(inputs: 9, outputs: 32, kernel: (1, 1), stride: (2, 2)),
    ConvolutionCase(height: 8, width: 9, stride: (2, 2), padding: (1, 1, 1, 1)),
    ConvolutionCase(height: 8, width: 8, stride: (2, 2), padding: (0, 0, 1, 1)),
    ConvolutionCase(height: 9, width: 11, stride: (3, 2), padding: (1, 0, 2, 1)),
    ConvolutionCase(height: 9, width: 11, stride: (1, 2), padding: (2, 1, 0, 0)),
    ConvolutionCase(height: 9, width: 11, kernel: (2, 2), stride: (3, 4)),
    ConvolutionCase(height: 11, width: 10, dilation: (2, 3), padding: (2, 3, 2, 3)),
    ConvolutionCase(height: 11, width: 10, stride: (2, 2), dilation: (2, 1)),
    ConvolutionCase(height: 11, width: 10, stride: (2, 3), dilation: (1, 2), padding: (1, 2, 1, 2)),
    ConvolutionCase(inputs: 6, outputs: 9, groups: 3),
    ConvolutionCase(height: 9, width: 9, inputs: 24, outputs: 48, kernel: (1, 1), groups: 4),
    ConvolutionCase(
      height: 14, width: 14, inputs: 24, outputs: 48, stride: (2, 2), padding: (1, 1, 1, 1),
      groups: 4),
    ConvolutionCase(inputs: 4, outputs: 34, stride: (2, 1), padding: (1, 1, 1, 1), groups: 2),
    ConvolutionCase(height: 2, width: 3, kernel: (2, 3), padding: (4, 5, 4, 5)),
    ConvolutionCase(height: 5, width: 5, kernel: (1, 1), stride: (1, 2), padding: (2, 1, 0, 3)),
    ConvolutionCase(height: 4, width: 4, kernel: (2, 2), stride: (2, 3), padding: (3, 4, 3, 4)),
    ConvolutionCase(height: 3, width: 3, kernel: (3, 3), batch: 1),
    ConvolutionCase(height: 2, width: 2),
    ConvolutionCase(inputs: 1, outputs: 16, padding: (1, 1, 1, 1)),
    ConvolutionCase(inputs: 1, outputs: 37, padding: (1, 1, 1, 1)),
    ConvolutionCase(inputs: 5, outputs: 75, kernel: (3, 2), padding: (1, 1, 1, 1)),
    // Outputs of several pixels in one vector, in rows that fill no register block.
    ConvolutionCase(height: 8, width: 27, inputs: 3, outputs: 20, padding: (1, 1, 1, 1)),
    ConvolutionCase(height: 5, width: 13, inputs: 2, outputs: 24, kernel: (2, 2), batch: 3),
    ConvolutionCase(inputs: 6, outputs: 18, kernel: (5, 4), padding: (2, 1, 2, 2), batch: 1),
    ConvolutionCase(inputs: 4, outputs: 46, padding: (1, 1, 1, 1), groups: 2),
    // Of the outputs after 32, or after 16, so few that they join the block before.
    ConvolutionCase(height: 9, width: 13, inputs: 36, outputs: 40, kernel: (5, 4), batch: 1),
    ConvolutionCase(
      height: 14, width: 14, inputs: 20, outputs: 40, stride: (2, 2), padding: (0, 0, 1, 1)),
    ConvolutionCase(height: 9, width: 8, inputs: 18, outputs: 72, kernel: (1, 1), batch: 3),
    ConvolutionCase(inputs: 17, outputs: 33, kernel: (2, 2), stride: (2, 1)),
    ConvolutionCase(height: 6, width: 13, inputs: 34, outputs: 68, kernel: (1, 1), groups: 2),
    // One tap that steps over pixels: one part of rows and several, pixels after the last one read.
    ConvolutionCase(
      height: 28, width: 28, inputs: 20, outputs: 40, kernel: (1, 1), stride: (2, 2), batch: 1),
    ConvolutionCase(
      height: 15, width: 13, inputs: 17, outputs: 20, kernel: (1, 1), stride: (4, 3), batch: 3),
    ConvolutionCase(height: 9, width: 11, inputs: 36, outputs: 5, kernel: (1, 1), stride: (1, 2)),
    ConvolutionCase(height: 7, width: 1, inputs: 2, outputs: 37, kernel: (1, 1), stride: (3, 1)),
    ConvolutionCase(batch: 0),
  ]

  /// One channel in, fewer than 16 out, no stride.
  static let singleChannel: [ConvolutionCase] = [
    ConvolutionCase(
      height: 28, width: 28, inputs: 1, outputs: 6, kernel: (5, 5), padding: (2, 2, 2, 2)),
    ConvolutionCase(inputs: 1, outputs: 1),
    ConvolutionCase(height: 9, width: 40, inputs: 1, outputs: 7, kernel: (3, 2)),
    ConvolutionCase(height: 8, width: 35, inputs: 1, outputs: 15, padding: (2, 1, 0, 3), batch: 1),
    ConvolutionCase(height: 5, width: 70, inputs: 1, outputs: 12, kernel: (4, 7)),
  ]

  /// 3×3 without stride, at least four channels: of all tiles, with blocks of outputs of every width and
  /// channels that end inside one. No output lies in the padding alone: several of one pooling window
  /// would be equal but for rounding, and any of them might be its maximum.
  static let winograd: [ConvolutionCase] = [
    ConvolutionCase(inputs: 16, outputs: 16, padding: (1, 1, 1, 1)),
    ConvolutionCase(height: 11, width: 9, inputs: 32, outputs: 16),
    ConvolutionCase(height: 6, width: 30, inputs: 16, outputs: 48, padding: (1, 1, 1, 1), batch: 1),
    ConvolutionCase(height: 5, width: 53, inputs: 16, outputs: 32, padding: (2, 0, 1, 2)),
    ConvolutionCase(height: 4, width: 4, inputs: 48, outputs: 32),
    ConvolutionCase(height: 14, width: 14, inputs: 32, outputs: 64, batch: 1),
    ConvolutionCase(height: 12, width: 12, inputs: 24, outputs: 24, padding: (1, 1, 1, 1)),
    ConvolutionCase(height: 9, width: 18, inputs: 20, outputs: 40, padding: (1, 1, 1, 1)),
    ConvolutionCase(height: 7, width: 7, inputs: 17, outputs: 57, padding: (1, 1, 1, 1), batch: 7),
    ConvolutionCase(height: 10, width: 10, inputs: 8, outputs: 12, padding: (1, 1, 1, 1)),
    ConvolutionCase(height: 5, width: 5, inputs: 33, outputs: 28, padding: (1, 1, 1, 1), batch: 11),
    ConvolutionCase(height: 8, width: 16, inputs: 15, outputs: 9),
    ConvolutionCase(height: 14, width: 14, inputs: 7, outputs: 16, padding: (1, 1, 1, 1)),
    ConvolutionCase(height: 16, width: 30, inputs: 6, outputs: 6, batch: 3),
  ]

  /// The same for 5×5: images of whole tiles and not, channels that are less than a vector or end inside
  /// one, more of them than are transformed at once, rows of tiles that end a group of them.
  static let winogradLarge: [ConvolutionCase] = [
    ConvolutionCase(height: 14, width: 14, inputs: 6, outputs: 16, kernel: (5, 5)),
    ConvolutionCase(height: 14, width: 14, inputs: 12, outputs: 32, kernel: (5, 5), batch: 3),
    ConvolutionCase(
      height: 14, width: 14, inputs: 6, outputs: 8, kernel: (5, 5), padding: (2, 2, 2, 2)),
    ConvolutionCase(height: 12, width: 11, inputs: 16, outputs: 32, kernel: (5, 5), batch: 1),
    ConvolutionCase(
      height: 16, width: 30, inputs: 4, outputs: 5, kernel: (5, 5), padding: (2, 2, 2, 2)),
    ConvolutionCase(
      height: 11, width: 13, inputs: 33, outputs: 28, kernel: (5, 5), padding: (3, 1, 0, 2)),
    ConvolutionCase(
      height: 9, width: 50, inputs: 40, outputs: 7, kernel: (5, 5), padding: (2, 2, 2, 2), batch: 1),
    ConvolutionCase(
      height: 10, width: 10, inputs: 9, outputs: 20, kernel: (5, 5), padding: (2, 2, 2, 2),
      batch: 5),
  ]

  /// The same in groups, which blocks of outputs hold several of, one of, or parts of; one span of
  /// them and several.
  static let winogradGroups: [ConvolutionCase] = [
    ConvolutionCase(inputs: 20, outputs: 20, padding: (1, 1, 1, 1), groups: 20),
    ConvolutionCase(
      height: 14, width: 14, inputs: 12, outputs: 48, padding: (1, 1, 1, 1), groups: 4),
    ConvolutionCase(height: 9, width: 9, inputs: 21, outputs: 35, padding: (1, 1, 1, 1), groups: 7),
    ConvolutionCase(
      height: 14, width: 15, inputs: 9, outputs: 27, padding: (1, 1, 1, 1), groups: 3),
    ConvolutionCase(
      height: 14, width: 14, inputs: 36, outputs: 60, padding: (0, 1, 2, 1), groups: 3, batch: 1),
    ConvolutionCase(
      height: 9, width: 11, inputs: 80, outputs: 80, padding: (1, 1, 1, 1), groups: 2),
    ConvolutionCase(
      height: 10, width: 9, inputs: 40, outputs: 88, padding: (1, 1, 1, 1), groups: 4),
    ConvolutionCase(
      height: 9, width: 10, inputs: 60, outputs: 60, padding: (1, 1, 1, 1), groups: 10),
    ConvolutionCase(height: 6, width: 7, inputs: 70, outputs: 70, padding: (1, 1, 1, 1), groups: 7),
    ConvolutionCase(
      height: 6, width: 7, inputs: 24, outputs: 140, padding: (1, 1, 1, 1), groups: 2, batch: 1),
  ]

  /// Few channels in each group: every lane has its own inputs.
  static let grouped: [ConvolutionCase] = [
    ConvolutionCase(
      height: 9, width: 9, inputs: 16, outputs: 16, dilation: (2, 2), padding: (2, 2, 2, 2),
      groups: 4),
    ConvolutionCase(
      height: 14, width: 14, inputs: 32, outputs: 32, padding: (1, 1, 1, 1), groups: 8, batch: 1),
    ConvolutionCase(
      height: 9, width: 13, inputs: 24, outputs: 24, kernel: (5, 5), padding: (3, 2, 0, 1),
      groups: 8),
    ConvolutionCase(
      height: 40, width: 30, inputs: 32, outputs: 32, kernel: (5, 3), padding: (2, 1, 2, 1),
      groups: 8),
    ConvolutionCase(height: 9, width: 9, inputs: 16, outputs: 32, kernel: (1, 1), groups: 8),
    ConvolutionCase(inputs: 16, outputs: 16, padding: (1, 1, 1, 1), groups: 16),
    ConvolutionCase(
      height: 3, width: 2, inputs: 20, outputs: 20, kernel: (2, 3), padding: (4, 5, 4, 5),
      groups: 10),
  ]

  /// Groups whose two ways, or their kernel's gradient, run through different loops.
  static let mixedGroups: [ConvolutionCase] = [
    ConvolutionCase(
      height: 9, width: 13, inputs: 20, outputs: 40, kernel: (5, 5), padding: (2, 2, 2, 2),
      groups: 5),
    ConvolutionCase(
      height: 9, width: 9, inputs: 48, outputs: 24, kernel: (1, 1), stride: (2, 2), groups: 8),
    ConvolutionCase(
      height: 11, width: 12, inputs: 32, outputs: 32, stride: (2, 3), padding: (1, 1, 1, 1),
      groups: 8),
  ]

  /// 3×3 without stride whose gradient of the kernel goes through Winograd's tiles: images that fill
  /// them and do not, channels that fill no vector, fewer and more tiles than are multiplied at once.
  static let winogradGradient: [ConvolutionCase] = [
    ConvolutionCase(height: 7, width: 7, inputs: 16, outputs: 16, padding: (1, 1, 1, 1), batch: 1),
    ConvolutionCase(height: 14, width: 14, inputs: 24, outputs: 48, padding: (1, 1, 1, 1)),
    ConvolutionCase(height: 9, width: 11, inputs: 17, outputs: 19, padding: (2, 1, 0, 3), batch: 7),
    ConvolutionCase(height: 30, width: 18, inputs: 20, outputs: 40),
    ConvolutionCase(height: 7, width: 6, inputs: 31, outputs: 72, batch: 40),
    ConvolutionCase(height: 3, width: 29, inputs: 33, outputs: 24, padding: (1, 1, 1, 1)),
    ConvolutionCase(
      height: 14, width: 14, inputs: 24, outputs: 48, padding: (1, 1, 1, 1), groups: 4),
    ConvolutionCase(
      height: 7, width: 7, inputs: 24, outputs: 40, padding: (1, 1, 1, 1), groups: 4, batch: 17),
    ConvolutionCase(height: 8, width: 8, inputs: 16, outputs: 16, padding: (1, 1, 1, 1), batch: 0),
  ]

  /// First layers, whose taps are summed together for the gradient of the kernel: one band of rows
  /// and several, outputs that fill no vector.
  static let taps: [ConvolutionCase] = [
    ConvolutionCase(inputs: 1, outputs: 16),
    ConvolutionCase(height: 13, width: 12, inputs: 1, outputs: 24, padding: (1, 1, 1, 1)),
    ConvolutionCase(height: 9, width: 11, inputs: 1, outputs: 37, kernel: (5, 3), stride: (2, 1)),
    ConvolutionCase(height: 8, width: 9, inputs: 1, outputs: 50, kernel: (4, 3), stride: (1, 3)),
    ConvolutionCase(inputs: 1, outputs: 17, kernel: (1, 3), padding: (0, 1, 0, 1), batch: 1),
    ConvolutionCase(height: 3, width: 3, inputs: 1, outputs: 33),
    ConvolutionCase(
      height: 28, width: 28, inputs: 1, outputs: 20, kernel: (5, 5), padding: (2, 2, 2, 2)),
    ConvolutionCase(
      height: 28, width: 28, inputs: 1, outputs: 12, kernel: (7, 7), padding: (3, 3, 3, 3)),
    ConvolutionCase(height: 11, width: 9, inputs: 1, outputs: 17, kernel: (5, 7), batch: 1),
    ConvolutionCase(height: 9, width: 14, inputs: 1, outputs: 40, kernel: (7, 5), stride: (2, 3)),
    ConvolutionCase(height: 40, width: 9, inputs: 1, outputs: 9, kernel: (2, 5), batch: 3),
    ConvolutionCase(height: 30, width: 41, inputs: 1, outputs: 13, kernel: (4, 3)),
  ].flatMap { [$0, $0.withReLU()] }

  /// Direct ones under windows of 2×2: numbers of windows that fill no register block, outputs that
  /// fill no vector, a border beside some or all rows of a window, a last row or column that no window
  /// reads.
  static let windows: [ConvolutionCase] = [
    ConvolutionCase(height: 28, width: 28, inputs: 1, outputs: 24, padding: (1, 1, 1, 1)),
    ConvolutionCase(
      height: 9, width: 15, inputs: 1, outputs: 16, kernel: (5, 5), padding: (2, 2, 2, 2), batch: 3),
    ConvolutionCase(height: 9, width: 11, inputs: 1, outputs: 20, kernel: (5, 5), batch: 1),
    ConvolutionCase(height: 8, width: 21, outputs: 33, kernel: (2, 3), padding: (1, 0, 0, 1)),
    ConvolutionCase(height: 5, width: 9, outputs: 23, padding: (4, 1, 4, 1)),
    ConvolutionCase(height: 7, width: 6, inputs: 9, outputs: 50, kernel: (1, 1)),
    ConvolutionCase(height: 15, width: 13, outputs: 7, stride: (2, 1), padding: (1, 1, 1, 1)),
  ].map { $0.pooled() }

  private static let otherPaths: [ConvolutionCase] =
    (singleChannel + winograd + winogradLarge).flatMap {
      [$0.pooled(), $0.pooled((2, 2), stride: (3, 2))]
    }

  /// Convolutions with a max pooling after them that may be computed along with them.
  static let fused: [ConvolutionCase] =
    windows + otherPaths + [
      ConvolutionCase().pooled(),
      ConvolutionCase(height: 12, width: 13, inputs: 6, outputs: 16, kernel: (5, 5)).pooled(),
      ConvolutionCase(height: 10, width: 11, padding: (1, 1, 1, 1)).pooled((3, 3)),
      ConvolutionCase(height: 12, width: 16, inputs: 16, outputs: 16).pooled(
        (3, 2), stride: (4, 5)),
      ConvolutionCase(height: 9, width: 9, stride: (2, 2), padding: (1, 1, 1, 1)).pooled(),
      ConvolutionCase(height: 13, width: 9, inputs: 20, outputs: 10, stride: (1, 2)).pooled(),
      ConvolutionCase(height: 9, width: 9, inputs: 1, outputs: 20, stride: (2, 1)).pooled((1, 4)),
      ConvolutionCase(height: 20, width: 20, inputs: 1, outputs: 4).pooled((16, 16)),
      ConvolutionCase(height: 9, width: 8, inputs: 5, outputs: 34, kernel: (7, 6)).pooled(),
      ConvolutionCase(height: 40, width: 36, inputs: 8, outputs: 24, batch: 1).pooled(),
      ConvolutionCase(height: 4, width: 4, inputs: 2, outputs: 3, kernel: (1, 1)).pooled((4, 4)),
      ConvolutionCase(height: 8, width: 8, inputs: 48, outputs: 16, kernel: (3, 2)).pooled(),
      // Rows of a kernel in half a vector, in more vectors and more rows than a part has; several
      // bands; images behind which others lie; channels that fill a block of a list and a bit.
      ConvolutionCase(height: 19, width: 23, inputs: 1, outputs: 9, kernel: (7, 7)).pooled(),
      ConvolutionCase(height: 9, width: 9, inputs: 2, outputs: 7, kernel: (4, 4)).pooled(),
      ConvolutionCase(height: 11, width: 10, inputs: 40, outputs: 9, kernel: (7, 3)).pooled((3, 3)),
      ConvolutionCase(
        height: 30, width: 30, inputs: 20, outputs: 20, padding: (1, 1, 1, 1), batch: 3
      ).pooled((3, 3)),
      ConvolutionCase(
        height: 6, width: 6, inputs: 24, outputs: 17, kernel: (5, 5), batch: 3
      ).pooled(),
      ConvolutionCase(
        height: 3, width: 3, inputs: 1, outputs: 8, kernel: (2, 2), batch: 5
      ).pooled(),
    ]
}
