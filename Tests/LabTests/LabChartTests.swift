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
        name: name, points: [(1, 1e-6), (2, .nan), (3, 0), (4, 10), (.infinity, 1)]),
      LabChart.Line(name: "b", points: []),
    ]
    return LabChart(
      title: name,
      panels: [
        LabChart.Panel(
          title: name, horizontal: name, vertical: name, isLogarithmic: isLogarithmic,
          lines: lines)
      ])
  }

  private static func count(_ text: String, in chart: LabChart) -> Int {
    chart.svg.components(separatedBy: text).count - 1
  }

  @Test(arguments: ["<script>alert(1)</script>", "a & \"b\" 'c'", "\u{0}\u{1B}[2J", "]]>"])
  func textsStayTexts(name: String) throws {
    let svg = Self.chart(name).svg
    #expect(!svg.contains("<script") && !svg.contains("\u{1B}"))
    let parser = XMLParser(data: Data(svg.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
  }

  @Test func everyPanelIsDrawn() {
    let panel = Self.chart("a").panels[0]
    let two = LabChart(title: "two", panels: [panel, panel])
    #expect(Self.count("<polyline", in: two) == 4)
    #expect(Self.count("font-weight", in: two) == 3)
    #expect(two.svg.contains("viewBox=\"0 0 960 "))
    let empty = LabChart(title: "empty", panels: [])
    #expect(empty.svg.hasPrefix("<svg ") && empty.svg.hasSuffix("</svg>\n"))
  }

  @Test func whatHasNoPlaceIsLeftOut() {
    // A marker for each point and one in the legend.
    #expect(Self.count("<circle", in: Self.chart("a")) == 4)
    #expect(Self.count("<circle", in: Self.chart("a", isLogarithmic: true)) == 3)
    #expect(!Self.chart("a", isLogarithmic: true).svg.contains("nan"))
  }
}
