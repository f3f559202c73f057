import Pages
import Testing

@testable import Reports

@Suite struct MarkupTests {
  @Test func textsAndAttributesAreEscaped() {
    let piece = tag("p", ["title": "\"<&>'"]) {
      "a < b & 'c'"
      tag("br")
      for n in 1...2 { tag("b") { "\(n)" } }
    }
    #expect(
      piece.source
        == "<p title=\"&quot;&lt;&amp;&gt;&#39;\">a &lt; b &amp; &#39;c&#39;<br><b>1</b><b>2</b></p>"
    )
  }

  @Test func dataCannotEndItsElement() {
    let piece = Markup.data("[\"</script><script>alert(1)</script>\u{2028}\"]", id: "x")
    #expect(
      piece.source
        == "<script id=\"x\" type=\"application/json\">[\"\\u003c/script>\\u003cscript>alert(1)"
        + "\\u003c/script>\\u2028\"]</script>")
  }

  // To Swift a sign with a combining mark is one character, and another one.
  @Test func signsWithCombiningMarksAreEscapedToo() {
    #expect(Markup.text("\u{600}<b>").source == "\u{600}&lt;b&gt;")
    #expect(Markup.text("<\u{301}b\u{600}\"").source == "&lt;\u{301}b\u{600}&quot;")
    let data = Markup.data("\"\u{600}</SCRIPT>\u{600}<img>\"", id: "x").source
    #expect(
      data
        == "<script id=\"x\" type=\"application/json\">\"\u{600}\\u003c/SCRIPT>\u{600}\\u003cimg>\"</script>"
    )
  }

  @Test func aPageTellsBrowsersToLoadNothing() {
    let page = Page(title: "<t>", style: "p { margin: 0; }") { tag("p") { "x" } }
    #expect(
      page.html.hasPrefix("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"))
    #expect(page.html.contains("content=\"default-src &#39;none&#39;; style-src"))
    #expect(page.html.contains("<title>&lt;t&gt;</title><style>p { margin: 0; }</style>"))
    #expect(page.html.hasSuffix("<body><div class=\"page\"><p>x</p></div></body></html>\n"))
  }

  @Test func scriptsAreWhole() {
    #expect(Pages.engine.contains("class Network {") && Pages.see.contains("function play() {"))
    #expect(Pages.seeStyle.contains("#digit-marks") && Pages.reportStyle.contains(".confusion"))
  }
}

@Suite struct LineChartTests {
  private func chart(_ points: [(x: Double, y: Double)], isLogarithmic: Bool = false) -> LineChart {
    LineChart(
      title: "a <title>", xLabel: "x & y", yLabel: "loss",
      lines: [.init("one", points), .init("<two>", [(1, 3), (2, 4)])], isLogarithmic: isLogarithmic,
      mark: (2, "best"))
  }

  @Test func aFileStandsByItself() {
    let file = chart([(1, 1), (2, 2), (3, .nan)]).file
    #expect(file.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 480 270\""))
    #expect(file.contains("<title>a &lt;title&gt;</title>"))
    #expect(file.contains(">x &amp; y</text>") && file.contains(">&lt;two&gt;</text>"))
    #expect(file.contains(">best</text>") && !file.contains("nan"))
  }

  @Test func longNamesHaveALineEach() {
    let lines = ["a network with a long name", "b", "c"].map {
      LineChart.Line($0, [(1, 1), (2, 2)])
    }
    let chart = LineChart(title: "t", xLabel: "x", yLabel: "y", lines: lines)
    #expect(chart.size == (480, 310))
    let short = LineChart(title: "t", xLabel: "x", yLabel: "y", lines: Array(lines.dropFirst()))
    #expect(short.size == (480, 270))
  }

  @Test func whatALogarithmCannotTakeIsLeftOut() {
    let file = chart([(1, 0), (2, 1e-3), (3, 10)], isLogarithmic: true).file
    #expect(file.contains(">1e-3</text>") && file.contains(">1e1</text>"))
    #expect(!file.contains("inf") && !file.contains("nan"))
  }

  @Test func nothingIsAChartToo() {
    #expect(
      !LineChart(title: "t", xLabel: "x", yLabel: "y", lines: [.init("a", [])]).file.contains("nan")
    )
  }

  @Test(arguments: [
    (0.0...1.0, 6, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (1...40, 8, [5, 10, 15, 20, 25, 30, 35, 40]),
    (-1...1, 4, [-1, -0.5, 0, 0.5, 1]),
  ])
  func ticksAreRound(range: ClosedRange<Double>, most: Int, expected: [Double]) {
    let ticks = Ticks.of(range, most: most)
    #expect(ticks.count == expected.count)
    #expect(zip(ticks, expected).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test(arguments: [
    (0.0, "0"), (0.25, "0.25"), (1000, "1000"), (250_000, "2.5e5"), (0.00002, "2e-5"), (-3, "-3"),
  ])
  func ticksAreLabelled(value: Double, label: String) { #expect(Ticks.label(value) == label) }
}

@Suite struct ReliabilityTests {
  @Test func confidenceIsComparedWithAccuracy() {
    // Nine of ten right at 95 %, one of two at 55 %.
    let sure = (0..<10).map { _ in 0.95 as Float }, unsure = [0.55, 0.55] as [Float]
    let reliability = Reliability(
      (sure + unsure).map { .init(predicted: $0, own: 0) },
      isRight: (0..<10).map { $0 != 0 } + [true, false])
    #expect(reliability.bins[9].samples == 10 && reliability.bins[9].right == 9)
    #expect(reliability.bins[5].samples == 2 && reliability.bins[5].accuracy == 0.5)
    #expect(abs(reliability.expectedError - 0.05) < 1e-6)
    #expect(
      reliability.sentence
        == "Where it is surer than 90 %, 90.00 % are right (10 images). Confidence and accuracy differ by"
        + " 5 points on average: it is surer than it should be.")
  }

  @Test func whatIsNoNumberIsNotCounted() {
    let reliability = Reliability(
      [.init(predicted: .nan, own: .nan), .init(predicted: 0.5, own: 0.5)], isRight: [false, true])
    #expect(reliability.bins.reduce(0) { $0 + $1.samples } == 1)
  }

  @Test func probabilitiesOfNothingAreNoFault() {
    let reliability = Reliability([], isRight: [])
    #expect(reliability.expectedError == 0)
    #expect(reliability.sentence.hasPrefix("It is never surer than 90 %."))
  }
}
