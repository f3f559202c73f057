import Files
import Reports

/// Curves in one or several panels side by side, as a picture.
public struct LabChart: Sendable, Equatable {
  /// One curve.
  public struct Line: Sendable, Equatable {
    /// What the legend calls it.
    public let name: String
    /// Its points, from left to right; what is not finite, and on a logarithmic axis what is not above 0, is
    /// left out.
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
    /// What stands beside the vertical axis.
    public let vertical: String
    /// Whether equal factors are equal heights.
    public var isLogarithmic = false
    /// The curves.
    public let lines: [Line]

    /// Curves over axes of these names.
    public init(
      title: String, horizontal: String, vertical: String, isLogarithmic: Bool = false,
      lines: [Line]
    ) {
      (self.title, self.horizontal, self.vertical) = (title, horizontal, vertical)
      (self.isLogarithmic, self.lines) = (isLogarithmic, lines)
    }

    fileprivate var chart: LineChart {
      LineChart(
        title: title.onOneLine, xLabel: horizontal.onOneLine, yLabel: vertical.onOneLine,
        lines: lines.map { LineChart.Line($0.name.onOneLine, $0.points) },
        isLogarithmic: isLogarithmic)
    }
  }

  /// What stands above the panels.
  public let title: String
  /// From left to right, from above.
  public let panels: [Panel]

  /// A picture of these panels.
  public init(title: String, panels: [Panel]) { (self.title, self.panels) = (title, panels) }

  /// Where the panels begin.
  private static let head = 30.0

  /// The picture as SVG, in light or dark colours as its reader prefers; two panels stand side by side.
  public var svg: String {
    let charts = panels.map(\.chart), across = min(panels.count, 2)
    let size = charts.reduce((width: 1.0, height: 0.0)) {
      (max($0.width, $1.size.width), max($0.height, $1.size.height + 26))
    }
    let width = size.width * Double(max(across, 1))
    let rows = (panels.count + 1) / 2
    return tag(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "role": "img",
        "viewBox":
          "0 0 \(Format.short(width, 2)) \(Format.short(Self.head + Double(rows) * size.height, 2))",
        "font-family": "system-ui, sans-serif",
      ]
    ) {
      tag("title") { title.onOneLine }
      Markup.style(LineChart.fileColors + LineChart.colors)
      tag("rect", ["class": "paper", "width": "100%", "height": "100%"])
      heading(title, x: width / 2, y: 22, size: "17")
      for (number, chart) in charts.enumerated() {
        let left = Double(number % 2) * size.width
        let top = Self.head + Double(number / 2) * size.height
        heading(panels[number].title, x: left + chart.size.width / 2, y: top + 18, size: "14")
        tag(
          "svg",
          [
            "x": Format.short(left, 2), "y": Format.short(top + 26, 2),
            "width": Format.short(chart.size.width, 2),
            "height": Format.short(chart.size.height, 2),
          ]
        ) { chart.markup }
      }
    }.source + "\n"
  }

  private func heading(_ text: String, x: Double, y: Double, size: String) -> Markup {
    tag(
      "text",
      [
        "x": Format.short(x, 2), "y": Format.short(y, 2), "text-anchor": "middle",
        "font-size": size, "font-weight": "600", "style": "fill: var(--soft)",
      ]
    ) { text.onOneLine }
  }

  /// Writes the picture to a file.
  ///
  /// - Throws: a ``FileError`` where that fails; the file is then as it was.
  public func save(to path: String) throws(FileError) {
    try AtomicFile.write(Array(svg.utf8), to: path)
  }
}
