import CKernels

/// Surrounds an image with rows and columns of zeros.
///
/// A convolution states its own padding; this is for what comes before a layer that has none, and for
/// sizes that have to agree where branches meet.
public struct ZeroPadding2D: LayerSpec {
  /// `zero_padding2d`.
  public static let kind = "zero_padding2d"
  /// What it computes.
  public static let help = "zeros round the image"
  /// One with every default.
  public static let prototype = ZeroPadding2D()
  /// What can be set.
  public static let settings: [Setting<ZeroPadding2D>] = [
    Setting("padding", \.padding, "the rows and columns of zeros on each side")
  ]
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// How many rows and columns of zeros there are on each side.
  public var padding: Margins

  /// Creates a border of zeros, one row or column on each side by default, as in Keras.
  public init(padding: Margins = 1) { self.padding = padding }

  /// Makes the layer for images of shape `input`.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    try ZeroPadding2DLayer(inputShape: input.checkedImage, padding: padding)
  }
}

/// Rows above and below an image, columns left and right of it.
public struct Margins: Hashable, Sendable, ExpressibleByIntegerLiteral {
  /// Rows above.
  public var top: Int
  /// Rows below.
  public var bottom: Int
  /// Columns on the left.
  public var left: Int
  /// Columns on the right.
  public var right: Int

  /// Rows above and below, columns left and right.
  public init(top: Int, bottom: Int, left: Int, right: Int) {
    (self.top, self.bottom, self.left, self.right) = (top, bottom, left, right)
  }

  /// As many rows above as below, as many columns left as right.
  public init(vertical: Int, horizontal: Int) {
    self.init(top: vertical, bottom: vertical, left: horizontal, right: horizontal)
  }

  /// The same on all four sides.
  public init(integerLiteral side: Int) { self.init(vertical: side, horizontal: side) }
}

extension Margins: SettingValue {
  /// One number for all sides, two, or four.
  public static var form: String {
    "a whole number, [vertical, horizontal], or [top, bottom, left, right]"
  }
  /// `1`, `[1, 2]` where opposite sides agree, otherwise the four numbers.
  public var text: String {
    guard top == bottom, left == right else { return "[\(top), \(bottom), \(left), \(right)]" }
    return top == left ? "\(top)" : "[\(top), \(left)]"
  }

  /// Reads one number, or two or four in brackets.
  public static func value(_ text: String, of key: String) throws(SettingError) -> Margins {
    switch text.wholeNumbers {
    case (let all, false)?: return Margins(vertical: all[0], horizontal: all[0])
    case (let pair, true)? where pair.count == 2:
      return Margins(vertical: pair[0], horizontal: pair[1])
    case (let sides, true)? where sides.count == 4:
      return Margins(top: sides[0], bottom: sides[1], left: sides[2], right: sides[3])
    default: throw SettingError(key, expected: form, found: text)
    }
  }

  /// Throws for a side beyond what an image may have.
  public func check(of key: String) throws(SettingError) {
    let bounds = Bounds.from(0, to: WindowGeometry.largestExtent)
    guard [top, bottom, left, right].allSatisfy(bounds.contains) else {
      throw SettingError(key, expected: bounds.description, found: text)
    }
  }
}

/// A border of zeros round images of a known shape.
struct ZeroPadding2DLayer: Layer {
  let inputShape: Shape
  let padding: Margins

  var outputShape: Shape {
    [
      inputShape[0] + padding.top + padding.bottom, inputShape[1] + padding.left + padding.right,
      inputShape[2],
    ]
  }

  func isIdentity(training: Bool) -> Bool { padding == 0 }

  /// The floats of a row of the input and of the output, and where the image starts in the latter.
  private var geometry: (row: Int, line: Int, start: Int) {
    let channels = inputShape[2], line = outputShape[1] * channels
    return (inputShape[1] * channels, line, padding.top * line + padding.left * channels)
  }

  // y[h + top, w + left, c] = x[h, w, c], all else 0
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    let (row, line, start) = geometry
    let y = y.mutablePointer(), input = inputShape.count, output = outputShape.count
    for n in 0..<x.samples {
      mc_fill(output, 0, y + n * output)
      mc_copy_columns(
        inputShape[0], row, x.pointer + n * input, row, false, y + n * output + start, line)
    }
  }

  // dx[h, w, c] = dy[h + top, w + left, c]
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    guard let dx = dx?.mutablePointer() else { return }
    let (row, line, start) = geometry
    let input = inputShape.count, output = outputShape.count
    for n in 0..<dy.samples {
      mc_copy_columns(
        inputShape[0], row, dy.pointer + n * output + start, line, false, dx + n * input, row)
    }
  }
}
