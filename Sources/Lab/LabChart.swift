import Files
import Platform

/// Curves in one or several panels side by side, as a picture.
public struct LabChart: Sendable, Equatable {
  /// One curve.
  public struct Line: Sendable, Equatable {
    /// What the legend calls it.
    public let name: String
    /// Its points, from left to right; those beyond ±10⁹, on a logarithmic axis those that are not from 10⁻³⁰
    /// to 10³⁰, and those that are no numbers are left out.
    public let points: [(x: Double, y: Double)]

    /// A curve through points.
    public init(name: String, points: [(Double, Double)]) {
      self.name = name
      self.points = points.map { (x: $0.0, y: $0.1) }
    }

    /// Shares in percent, one for each epoch from the first.
    init(name: String, course: [Double]) {
      self.init(name: name, points: course.enumerated().map { (Double($0 + 1), 100 * $1) })
    }

    /// Whether both have the same name and the same points.
    public static func == (a: Line, b: Line) -> Bool {
      a.name == b.name && a.points.elementsEqual(b.points, by: ==)
    }
  }

  /// Curves over the same axes.
  public struct Panel: Sendable, Equatable {
    /// What stands above it.
    public let title: String
    /// What stands below the horizontal axis.
    public let horizontal: String
    /// What stands above the vertical axis.
    public let vertical: String
    /// Whether equal factors are equal heights.
    public var isLogarithmic = false
    /// The curves.
    public let lines: [Line]
  }

  /// What stands above the panels.
  public let title: String
  /// From left to right.
  public let panels: [Panel]

  /// Writes the picture as SVG, in light and dark colours as its reader prefers.
  ///
  /// - Throws: a ``FileError`` where that fails; the file is then as it was.
  public func save(to path: String) throws(FileError) {
    try AtomicFile.write(Array(svg.utf8), to: path)
  }
}
