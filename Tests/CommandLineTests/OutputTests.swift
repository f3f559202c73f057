import Testing

@testable import CommandLineTool

/// What a reader sees, for terminals of any width.
@Suite struct OutputTests {
  private static let table: Table = {
    var table = Table([
      .text("layer"), .number("parameters"), .number("share", mayBeMissed: true),
      .text("remark"),
    ])
    table.add(["conv2d", "156", "37 %", "with its pooling"])
    table.add(["a layer of a long name", "48,120", "", "dense\u{1B}[2J\n"])
    return table
  }()

  @Test func aTableWithRoomIsAsWideAsItsCells() {
    let lines = [
      "layer                   parameters  share  remark",
      "conv2d                         156   37 %  with its pooling",
      "a layer of a long name      48,120         dense?[2J?",
    ]
    #expect(Self.table.lines(width: nil) == lines)
    #expect(Self.table.lines(width: 59) == lines)
    #expect(!Self.table.fits(58))
  }

  @Test func aTableLeavesOutAndShortensAsMuchAsItMust() {
    #expect(
      Self.table.lines(width: 58) == [
        "layer                   parameters  remark",
        "conv2d                         156  with its pooling",
        "a layer of a long name      48,120  dense?[2J?",
        "(no room for: share)",
      ])
    #expect(
      Self.table.lines(width: 40) == [
        "layer          parameters  remark",
        "conv2d                156  with its poo…",
        "a layer of a…      48,120  dense?[2J?",
        "(no room for: share)",
      ])
  }

  @Test func aTableWithoutAnyRoomBecomesBlocks() {
    #expect(
      Self.table.lines(width: 30) == [
        "conv2d", "  parameters  156", "  share       37 %", "  remark      with its pooling",
        "a layer of a long name", "  parameters  48,120", "  remark      dense?[2J?",
      ])
    for width in 1...60 {
      let words = Self.table.lines(width: width).joined(separator: " ")
      #expect(words.contains("48,120"), "\(width)")
    }
  }

  @Test func factsGoOnBelowThemselves() {
    var facts = FactList()
    facts.add("model", "small, 188 parameters")
    facts.add("settings", (1...12).map { "key_\($0): \($0)" }.joined(separator: ", "))
    #expect(
      facts.lines(width: 60) == [
        "model    small, 188 parameters",
        "settings key_1: 1, key_2: 2, key_3: 3, key_4: 4, key_5: 5,",
        "         key_6: 6, key_7: 7, key_8: 8, key_9: 9, key_10: 10,",
        "         key_11: 11, key_12: 12",
      ])
    #expect(
      facts.lines(width: 30).prefix(4) == [
        "model", "  small, 188 parameters", "settings", "  key_1: 1, key_2: 2, key_3:",
      ])
    #expect(facts.lines(width: nil).count == 2)
  }

  @Test func progressSaysHowLongItWillYetTake() {
    func text(_ seconds: Double, _ fraction: Double?, columns: Int = 79) -> String {
      ProgressLine.text("3/8 small seed 7", seconds, fraction, columns: columns)
    }
    #expect(text(65.7, nil) == "3/8 small seed 7: 1:05")
    #expect(text(0.5, 0.9) == "3/8 small seed 7: 0:00")
    #expect(text(60, 0.25) == "3/8 small seed 7: 25 %, 3:00 left")
    #expect(text(60, 2) == "3/8 small seed 7: 100 %, 0:00 left")
    #expect(text(60, 0) == "3/8 small seed 7: 1:00")
    #expect(text(60, 1e-300) == "3/8 small seed 7: 0 %, -:-- left")
    #expect(text(60, 0.25, columns: 25) == "3/8 sma…: 25 %, 3:00 left")
  }

  @Test func aCurveIsDrawnWhateverItsHeights() {
    let curve = [1.0, 2, 3, 4].map { (x: $0, y: $0) }
    #expect(Chart.lines(curve).map(\.count).max() == 77)
    #expect(Chart.lines(curve, width: 40).map(\.count).max() == 39)
    let most = Double.greatestFiniteMagnitude
    for heights in [[.nan, 1, .infinity, 2], [most, most, -most, 0], [0, 0, 0, 0]] {
      _ = Chart.lines(zip([1.0, 1.001, 3, 4], heights).map { (x: $0, y: $1) })
    }
    #expect(Chart.lines([1.0, 2].map { (x: $0, y: .nan) }).isEmpty)
  }

  @Test func numbersThatAreNotFiniteAreNullInJSON() throws {
    struct Record: Encodable {
      let loss: Double
      let name: String
      let shares: [Float]
    }
    #expect(
      try JSONOutput.text(
        of: [
          Record(loss: .nan, name: "nan", shares: [.infinity, 0.5, -.infinity]),
          Record(loss: 9.5e14, name: "a/b", shares: []),
        ])
        == #"[{"loss":null,"name":"nan","shares":[null,0.5,null]},"#
        + #"{"loss":950000000000000,"name":"a/b","shares":[]}]"#)
  }
}
