/// A height and a width: the extents of a kernel, a window, a stride or a dilation.
public struct Extent2D: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int

  /// A height and a width.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  /// A square.
  public init(integerLiteral side: Int) { self.init(side, side) }

  /// `3×3`.
  public var description: String { "\(height)×\(width)" }
}
