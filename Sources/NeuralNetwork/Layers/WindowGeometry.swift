import CKernels

/// How a kernel or a pooling window slides over images of one shape.
package struct WindowGeometry: Sendable {
  /// The form the C loops take.
  let window: MCWindow

  /// The largest extent, so that all products of extents fit the integers of the loops.
  static let largestExtent = 1 << 15

  /// Works out the output shape, or says what does not fit.
  ///
  /// - Parameters:
  ///   - name: what the window is called in messages: "kernel" or "window".
  init(
    input: Shape, outChannels: Int? = nil, extent: Extent2D, name: String, stride: Extent2D,
    padding: Padding, dilation: Extent2D = 1, groups: Int = 1
  ) throws(ModelError) {
    guard input.rank == 3 else {
      throw ModelError("takes images height×width×channels, not \(input)")
    }
    try Self.check(extent, name)
    try Self.check(stride, "stride")
    try Self.check(dilation, "dilation")
    if case .explicit(let top, let bottom, let left, let right) = padding {
      guard [top, bottom, left, right].allSatisfy({ $0 >= 0 && $0 <= Self.largestExtent }) else {
        throw ModelError("padding: expected 0 to \(Self.largestExtent), found \(padding.numbers)")
      }
    }
    let spread = extent.spread(by: dilation)
    let rows = padding.amounts(
      input: input[0], extent: spread.height, stride: stride.height, vertical: true)
    let columns = padding.amounts(
      input: input[1], extent: spread.width, stride: stride.width, vertical: false)
    let padded = Extent2D(
      input[0] + rows.before + rows.after, input[1] + columns.before + columns.after)
    guard padded.height >= spread.height, padded.width >= spread.width else {
      let dilated = dilation == 1 ? "" : " (\(spread) with its dilation)"
      let around = padding == .valid ? "" : " (\(padded) with its padding)"
      throw ModelError(
        "\(name) \(extent)\(dilated) does not fit its input \(input)\(around)",
        hint: "a smaller \(name), padding: same, or fewer pooling layers before it")
    }
    let channels = outChannels ?? input[2]
    window = MCWindow(
      inHeight: Int32(input[0]), inWidth: Int32(input[1]), inChannels: Int32(input[2]),
      outHeight: Int32((padded.height - spread.height) / stride.height + 1),
      outWidth: Int32((padded.width - spread.width) / stride.width + 1),
      outChannels: Int32(channels),
      kernelHeight: Int32(extent.height), kernelWidth: Int32(extent.width),
      strideHeight: Int32(stride.height), strideWidth: Int32(stride.width),
      dilationHeight: Int32(dilation.height), dilationWidth: Int32(dilation.width),
      padTop: Int32(rows.before), padLeft: Int32(columns.before), groups: Int32(groups))
  }

  /// The shape of one input image.
  var inputShape: Shape {
    [Int(window.inHeight), Int(window.inWidth), Int(window.inChannels)]
  }

  /// The shape of one output image.
  var outputShape: Shape {
    [Int(window.outHeight), Int(window.outWidth), Int(window.outChannels)]
  }

  /// The rows of the input that rows of the output read; with the last row, all to the end.
  func inputRows(of rows: Range<Int>) -> Range<Int> {
    let height = Int(window.inHeight), above = Int(window.padTop)
    let stride = Int(window.strideHeight)
    let reach = (Int(window.kernelHeight) - 1) * Int(window.dilationHeight) + 1
    let first = min(max(rows.lowerBound * stride - above, 0), height)
    let end = (rows.upperBound - 1) * stride - above + reach
    let isLast = rows.upperBound == Int(window.outHeight)
    return first..<(isLast ? height : min(max(end, first), height))
  }

  /// Runs a loop over rows of the output alone: with the window over an image that begins with the first row
  /// they read, and where that row and they are.
  func withPart(
    _ rows: Range<Int>, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    _ loop: (UnsafePointer<MCWindow>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let first = inputRows(of: rows).lowerBound
    var part = window
    part.padTop = Int32(first - (rows.lowerBound * Int(window.strideHeight) - Int(window.padTop)))
    part.inHeight -= Int32(first)
    part.outHeight = Int32(rows.count)
    withUnsafePointer(to: part) {
      loop($0, x + inputShape.start(ofRow: first), y + outputShape.start(ofRow: rows.lowerBound))
    }
  }

  /// Throws where an extent is none, or so large that products of it might not fit.
  static func check(_ extent: Extent2D, _ name: String) throws(ModelError) {
    let allowed = 1...largestExtent
    guard allowed.contains(extent.height), allowed.contains(extent.width) else {
      throw ModelError("\(name): expected 1 to \(largestExtent), found \(extent)")
    }
  }
}

extension Padding {
  fileprivate var numbers: String {
    guard case .explicit(let top, let bottom, let left, let right) = self else { return "\(self)" }
    return "top \(top), bottom \(bottom), left \(left), right \(right)"
  }
}
