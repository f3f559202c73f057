import Platform

extension LabChart {
  /// The extents of a panel: one alone has room.
  private var panelWidth: Double { panels.count > 1 ? 320 : 600 }
  private var panelHeight: Double { panels.count > 1 ? 250 : 340 }
  private static let margin = (left: 58.0, right: 14.0, top: 54.0, bottom: 46.0)
  private static let legendLine = 18.0
  private static let head = 34.0

  /// The picture as SVG text; every text in it is escaped.
  public var svg: String {
    let columns = Double(max(panels.count, 1)) * panelWidth
    let legend = Double(panels.map(\.lines.count).max() ?? 0) * Self.legendLine
    let height = Self.head + panelHeight + legend + 10
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.number(columns))"
        + " \(Self.number(height))\" width=\"\(Self.number(columns))\""
        + " height=\"\(Self.number(height))\" role=\"img\">",
      "<title>\(title.escaped)</title>", Self.style,
      "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>",
      Self.text(title, columns / 2, 24, "title"),
    ]
    for (number, panel) in panels.enumerated() {
      let left = Double(number) * panelWidth
      parts.append("<g transform=\"translate(\(Self.number(left)) \(Self.number(Self.head)))\">")
      parts += drawn(panel)
      parts.append("</g>")
    }
    return (parts + ["</svg>", ""]).joined(separator: "\n")
  }

  private func drawn(_ panel: Panel) -> [String] {
    let frame = Frame(
      panel, left: Self.margin.left, right: panelWidth - Self.margin.right, top: Self.margin.top,
      bottom: panelHeight - Self.margin.bottom)
    var parts = [
      Self.text(panel.title, (frame.left + frame.right) / 2, 16, "panel"),
      Self.text(panel.vertical, frame.left, 38, "start"),
      Self.text(panel.horizontal, (frame.left + frame.right) / 2, panelHeight - 8, "middle"),
    ]
    for tick in frame.verticalTicks {
      let y = frame.y(tick)
      parts.append(
        "<line class=\"grid\" x1=\"\(Self.number(frame.left))\" x2=\"\(Self.number(frame.right))\""
          + " y1=\"\(Self.number(y))\" y2=\"\(Self.number(y))\"/>")
      parts.append(Self.text(frame.label(tick), frame.left - 6, y + 4, "end"))
    }
    for tick in frame.horizontalTicks {
      parts.append(Self.text(Self.label(tick), frame.x(tick), frame.bottom + 16, "middle"))
    }
    for (place, line) in panel.lines.enumerated() {
      let colour = "c\(place % Self.colours.count)"
      let points = line.points.filter(frame.holds).map {
        "\(Self.number(frame.x($0.x))),\(Self.number(frame.y($0.y)))"
      }
      parts.append("<polyline class=\"\(colour)\" points=\"\(points.joined(separator: " "))\"/>")
      parts += points.map { point in
        let place = point.split(separator: ",")
        return "<circle class=\"\(colour)\" cx=\"\(place[0])\" cy=\"\(place[1])\" r=\"2.5\"/>"
      }
      let y = panelHeight + 8 + Double(place) * Self.legendLine
      parts.append(
        "<line class=\"\(colour)\" x1=\"\(Self.number(frame.left))\" x2=\"\(Self.number(frame.left + 22))\""
          + " y1=\"\(Self.number(y - 4))\" y2=\"\(Self.number(y - 4))\"/>")
      parts.append(Self.text(line.name, frame.left + 30, y, "start"))
    }
    return parts
  }

  private static func text(_ text: String, _ x: Double, _ y: Double, _ kind: String) -> String {
    "<text class=\"\(kind)\" x=\"\(number(x))\" y=\"\(number(y))\">\(text.escaped)</text>"
  }

  /// A coordinate: tenths of a pixel are as fine as a reader sees.
  private static func number(_ value: Double) -> String { Wording.fixed(value, 1) }

  fileprivate static func label(_ value: Double) -> String {
    value == value.rounded() ? Wording.fixed(value, 0) : Wording.fixed(value, 1)
  }

  /// Colours that readers who confuse red and green tell apart (Okabe and Ito 2008), light and dark.
  private static let colours = [
    ("#0072b2", "#56b4e9"), ("#b84a00", "#e69f00"), ("#00785a", "#2fc79a"),
    ("#a0447a", "#e292bf"), ("#5f5f5f", "#b8b8b8"),
  ]

  /// Where curves lie on each other, all of them show.
  private static let dashes = ["none", "7 4", "2 3", "10 3 2 3", "4 2"]

  private static var style: String {
    func rules(
      _ colour: KeyPath<(String, String), String>, ground: String, ink: String, grid: String
    )
      -> String
    {
      ".ground{fill:\(ground)}text{fill:\(ink)}.grid{stroke:\(grid)}"
        + colours.enumerated().map { number, pair in
          "polyline.c\(number),line.c\(number){stroke:\(pair[keyPath: colour]);"
            + "stroke-dasharray:\(dashes[number])}"
            + "circle.c\(number){fill:\(pair[keyPath: colour])}"
        }.joined()
    }
    return "<style>text{font:12px system-ui,sans-serif;text-anchor:middle}"
      + ".title{font-size:16px;font-weight:600}.panel{font-weight:600}.start{text-anchor:start}"
      + ".end{text-anchor:end}polyline{fill:none;stroke-width:2}line{stroke-width:2}"
      + ".grid{stroke-width:1}"
      + rules(\.0, ground: "#ffffff", ink: "#1f1f1f", grid: "#dddddd")
      + "@media (prefers-color-scheme:dark){"
      + rules(\.1, ground: "#1b1b1b", ink: "#ededed", grid: "#444444") + "}</style>"
  }
}

/// Where numbers are in a panel.
private struct Frame {
  let left: Double, right: Double, top: Double, bottom: Double
  let isLogarithmic: Bool
  private let horizontal: ClosedRange<Double>
  private let vertical: ClosedRange<Double>
  /// The distance of two ticks of the vertical axis.
  private let step: Double

  init(_ panel: LabChart.Panel, left: Double, right: Double, top: Double, bottom: Double) {
    (self.left, self.right, self.top, self.bottom) = (left, right, top, bottom)
    isLogarithmic = panel.isLogarithmic
    let isLog = panel.isLogarithmic
    let points = panel.lines.flatMap(\.points).filter { Self.holds($0, isLogarithmic: isLog) }
    let heights = points.map { isLog ? log($0.y) / log(10) : $0.y }
    let (least, most) = (heights.min() ?? 0, heights.max() ?? 1)
    step = Self.step(most - least, isWhole: isLog)
    let low = (least / step).rounded(.down) * step
    vertical = low...max((most / step).rounded(.up) * step, low + step)
    let (first, last) = (points.map(\.x).min() ?? 0, points.map(\.x).max() ?? 1)
    horizontal = first...max(last, first + 1)
  }

  /// A distance of ticks, 1, 2 or 5 times a power of ten, of which about five fit.
  private static func step(_ spread: Double, isWhole: Bool) -> Double {
    var step = isWhole ? 1.0 : 0.1
    let factors = [2, 2.5, 2]
    var turn = 0
    while step * 6 < spread, turn < 60 {
      step *= factors[turn % 3]
      turn += 1
    }
    return step
  }

  /// Whether a point has a place in a panel.
  func holds(_ point: (x: Double, y: Double)) -> Bool {
    Self.holds(point, isLogarithmic: isLogarithmic)
  }

  private static func holds(_ point: (x: Double, y: Double), isLogarithmic: Bool) -> Bool {
    abs(point.x) <= 1e9
      && (isLogarithmic ? point.y >= 1e-30 && point.y <= 1e30 : abs(point.y) <= 1e9)
  }

  func x(_ value: Double) -> Double {
    left + (value - horizontal.lowerBound) / (horizontal.upperBound - horizontal.lowerBound)
      * (right - left)
  }

  func y(_ value: Double) -> Double {
    let height = isLogarithmic ? log(value) / log(10) : value
    let share = (height - vertical.lowerBound) / (vertical.upperBound - vertical.lowerBound)
    return bottom - share * (bottom - top)
  }

  var verticalTicks: [Double] {
    let spread = vertical.upperBound - vertical.lowerBound
    let count = Int((spread / step).rounded())
    return (0...max(count, 1)).map { number in
      let height = vertical.lowerBound + Double(number) * step
      return isLogarithmic ? exp(height * log(10)) : height
    }
  }

  var horizontalTicks: [Double] {
    let spread = horizontal.upperBound - horizontal.lowerBound
    let step = max(1, (spread / 6).rounded(.up))
    return Array(stride(from: horizontal.lowerBound, through: horizontal.upperBound, by: step))
  }

  /// `0.1`, and beyond a hundredth and a hundred powers: `10⁻⁴`.
  func label(_ tick: Double) -> String {
    guard isLogarithmic else { return LabChart.label(tick) }
    let power = Int((log(tick) / log(10)).rounded())
    if (0...2).contains(power) { return Wording.fixed(tick, 0) }
    if (-2..<0).contains(power) { return Wording.fixed(tick, -power) }
    let raised = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return "10" + (power < 0 ? "⁻" : "")
      + String("\(abs(power))".compactMap { $0.wholeNumberValue.map { raised[$0] } })
  }
}

extension String {
  /// The text with what markup would read as its own, and what it may not contain, replaced.
  fileprivate var escaped: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default:
        let isControl = scalar.properties.generalCategory == .control
        result.unicodeScalars.append(isControl ? "?" : scalar)
      }
    }
    return result
  }
}
