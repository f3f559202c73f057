import Foundation
import Testing

@testable import Lab

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct LabChartTests {
  private static func chart(_ name: String, isLogarithmic: Bool = false) -> LabChart {
    let lines = [
      LabChart.Line(
        name: name, points: [(1, 1e-6), (2, .nan), (3, 0), (4, 10), (.infinity, 1), (5, 1e300)]),
      LabChart.Line(name: "b", points: []),
    ]
    return LabChart(
      title: name,
      panels: [
        LabChart.Panel(
          title: name, horizontal: name, vertical: name, isLogarithmic: isLogarithmic, lines: lines)
      ])
  }

  @Test(arguments: ["<script>alert(1)</script>", "a & \"b\" 'c'", "\u{0}\u{1B}[2J", "]]>"])
  func textsStayTexts(name: String) throws {
    let svg = Self.chart(name).svg
    #expect(!svg.contains("<script") && !svg.contains("\u{1B}"))
    let parser = XMLParser(data: Data(svg.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
  }

  @Test func whatHasNoPlaceIsLeftOut() {
    func circles(_ chart: LabChart) -> Int {
      chart.svg.components(separatedBy: "<circle class=\"c0\"").count - 1
    }
    #expect(circles(Self.chart("a")) == 3)
    #expect(circles(Self.chart("a", isLogarithmic: true)) == 2)
    #expect(!Self.chart("a", isLogarithmic: true).svg.contains("nan"))
    let empty = LabChart(title: "empty", panels: [])
    #expect(empty.svg.hasPrefix("<svg ") && empty.svg.hasSuffix("</svg>\n"))
  }

  /// Ends of the axes are where they should be: 1 at the left, 4 at the right.
  @Test func pointsAreInTheirPlaces() {
    let line = LabChart.Line(name: "a", points: [(1, 0), (4, 100)])
    let chart = LabChart(
      title: "t",
      panels: [LabChart.Panel(title: "p", horizontal: "x", vertical: "y", lines: [line])])
    #expect(chart.svg.contains("points=\"58.0,294.0 586.0,54.0\""))
    for tick in [0, 20, 40, 60, 80, 100] { #expect(chart.svg.contains(">\(tick)</text>")) }
  }
}
