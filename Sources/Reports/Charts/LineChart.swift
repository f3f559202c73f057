import Platform

/// Lines over an axis, as SVG: in a page, or in a file of its own.
///
/// Colours follow the reader's choice of light or dark. Every line has a marker of its own too, so that
/// colour is not all that tells them apart.
package struct LineChart: Sendable {
  /// One line.
  package struct Line: Sendable {
    /// What the legend calls it.
    let name: String
    /// Its points from left to right; those that are not finite are left out.
    let points: [(x: Double, y: Double)]

    package init(_ name: String, _ points: [(x: Double, y: Double)]) {
      self.name = name
      self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
    }
  }

  /// What is said of the chart as a whole, for those who do not see it.
  let title: String
  let xLabel: String
  let yLabel: String
  let lines: [Line]
  /// Whether the vertical axis has powers of ten; what is not above 0 is left out.
  let isLogarithmic: Bool
  /// A point that is marked, with its label.
  let mark: (x: Double, label: String)?

  private let width = 480.0, height = 250.0
  private let left = 70.0, right = 14.0, top = 14.0, bottom = 46.0

  package init(
    title: String, xLabel: String, yLabel: String, lines: [Line], isLogarithmic: Bool = false,
    mark: (x: Double, label: String)? = nil
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.isLogarithmic = isLogarithmic
    self.mark = mark
    self.lines = lines.map { line in
      isLogarithmic ? Line(line.name, line.points.filter { $0.y > 0 }) : line
    }
  }

  /// The text of a file of its own.
  package var file: String {
    tag(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": viewBox, "role": "img",
        "font-family": "system-ui, sans-serif",
      ]
    ) {
      tag("title") { title }
      Markup.style(Self.fileColors + Self.colors)
      tag("rect", ["class": "paper", "width": "100%", "height": "100%"])
      drawing
    }.source + "\n"
  }

  /// The chart in a page that has ``colors``.
  package var markup: Markup {
    tag("svg", ["class": "chart", "viewBox": viewBox, "role": "img", "aria-label": title]) {
      drawing
    }
  }

  /// The colours of the lines.
  package static let colors = """

    :root { --line-0: #2f4bc4; --line-1: #c9420d; --line-2: #0a7d61; --line-3: #9c36b5; --line-4: #8a5f00; --line-5: #495057; }
    @media (prefers-color-scheme: dark) { :root { --line-0: #8da2ff; --line-1: #ff9057; --line-2: #3ddbaf;
      --line-3: #da8cf0; --line-4: #e0b040; --line-5: #adb5bd; } }

    """
  /// Those of what is round them in a file of its own, which a page has already.
  package static let fileColors = """
    :root { --card: #fff; --soft: #5c5f66; --line: #dcdad2; }
    @media (prefers-color-scheme: dark) { :root { --card: #1c1e22; --soft: #a7abb3; --line: #34373d; } }
    rect.paper { fill: var(--card); }
    """

  /// Two names stand side by side where both are short.
  private var legendColumns: Int { lines.contains { $0.name.count > 22 } ? 1 : 2 }
  private var legendRows: Int {
    lines.count > 1 ? (lines.count + legendColumns - 1) / legendColumns : 0
  }
  private var viewBox: String { "0 0 \(n(size.width)) \(n(size.height))" }

  /// The extents of the drawing, with its legend.
  package var size: (width: Double, height: Double) {
    (width, height + 20 * Double(legendRows))
  }

  // MARK: Where things are

  private var xs: ClosedRange<Double> { range(lines.flatMap { $0.points.map(\.x) }, margin: 0) }
  private var ys: ClosedRange<Double> {
    range(lines.flatMap { $0.points.map { scaled($0.y) } }, margin: 0.06)
  }

  private func scaled(_ y: Double) -> Double { isLogarithmic ? log10(y) : y }

  private func range(_ values: [Double], margin: Double) -> ClosedRange<Double> {
    guard let least = values.min(), let most = values.max() else { return 0...1 }
    guard most > least else {
      let room = least == 0 ? 0.5 : abs(least) / 2
      return least - room...most + room
    }
    let room = (most - least) * margin
    return least - room...most + room
  }

  private func x(_ value: Double) -> Double {
    left + (value - xs.lowerBound) / (xs.upperBound - xs.lowerBound) * (width - left - right)
  }

  private func y(_ value: Double) -> Double {
    let share = (value - ys.lowerBound) / (ys.upperBound - ys.lowerBound)
    return height - bottom - share * (height - top - bottom)
  }

  // MARK: What is drawn

  private var drawing: Markup {
    tag("g", ["font-size": "13"]) {
      for tick in Ticks.of(ys, most: 6, wholeOnly: isLogarithmic) {
        tag(
          "line",
          [
            "x1": n(left), "x2": n(width - right), "y1": n(y(tick)), "y2": n(y(tick)),
            "style": "stroke: var(--line)",
          ])
        text(
          isLogarithmic ? "1e\(Int(tick.rounded()))" : Ticks.label(tick), x: left - 8,
          y: y(tick) + 4, anchor: "end")
      }
      for tick in Ticks.of(xs, most: 8, wholeOnly: hasWholeXs) {
        text(Ticks.label(tick), x: x(tick), y: height - bottom + 18, anchor: "middle")
      }
      text(xLabel, x: (left + width - right) / 2, y: height - 6, anchor: "middle")
      tag("g", ["transform": "translate(14 \(n((top + height - bottom) / 2))) rotate(-90)"]) {
        text(yLabel, x: 0, y: 0, anchor: "middle")
      }
      if let mark {
        tag(
          "line",
          [
            "x1": n(x(mark.x)), "x2": n(x(mark.x)), "y1": n(top), "y2": n(height - bottom),
            "style": "stroke: var(--soft); stroke-dasharray: 3 3",
          ])
        text(
          mark.label, x: x(mark.x) + (x(mark.x) > width / 2 ? -6 : 6), y: top + 10,
          anchor: x(mark.x) > width / 2 ? "end" : "start")
      }
      for (number, line) in lines.enumerated() { drawn(line, number) }
      if lines.count > 1 { legend }
    }
  }

  private var hasWholeXs: Bool {
    lines.allSatisfy { $0.points.allSatisfy { $0.x == $0.x.rounded() } }
  }

  private func text(_ text: String, x: Double, y: Double, anchor: String) -> Markup {
    tag("text", ["x": n(x), "y": n(y), "text-anchor": anchor, "style": "fill: var(--soft)"]) {
      text
    }
  }

  private func color(_ number: Int) -> String { "var(--line-\(number % 6))" }

  private func drawn(_ line: Line, _ number: Int) -> Markup {
    let points = line.points.map { "\(n(x($0.x))),\(n(y(scaled($0.y))))" }
    return tag("g") {
      tag(
        "polyline",
        [
          "points": points.joined(separator: " "),
          "style": "fill: none; stroke: \(color(number)); stroke-width: 2"
            + (number >= 3 ? "; stroke-dasharray: 6 3" : ""),
        ])
      // Many markers would be a thicker line.
      if line.points.count <= 60 {
        for point in line.points { marker(x(point.x), y(scaled(point.y)), number) }
      }
    }
  }

  private func marker(_ x: Double, _ y: Double, _ number: Int) -> Markup {
    let style = "fill: \(color(number))"
    switch number % 3 {
    case 0: return tag("circle", ["cx": n(x), "cy": n(y), "r": "3.5", "style": style])
    case 1:
      return tag(
        "rect", ["x": n(x - 3), "y": n(y - 3), "width": "6", "height": "6", "style": style])
    default:
      return tag(
        "path",
        [
          "d": "M\(n(x)) \(n(y - 4.5))L\(n(x + 4)) \(n(y + 3))L\(n(x - 4)) \(n(y + 3))Z",
          "style": style,
        ])
    }
  }

  private var legend: Markup {
    tag("g") {
      for (number, line) in lines.enumerated() {
        let column = Double(number % legendColumns), row = Double(number / legendColumns)
        let start = left + column * 206, middle = height + 8 + row * 20
        tag(
          "line",
          [
            "x1": n(start), "x2": n(start + 22), "y1": n(middle), "y2": n(middle),
            "style": "stroke: \(color(number)); stroke-width: 2"
              + (number >= 3 ? "; stroke-dasharray: 6 3" : ""),
          ])
        marker(start + 11, middle, number)
        text(line.name, x: start + 28, y: middle + 4, anchor: "start")
      }
    }
  }

  /// A coordinate with two decimals at most.
  private func n(_ value: Double) -> String { Format.short(value, 2) }
}
