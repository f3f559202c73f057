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
    #expect(text(60, 0.25, columns: 19) == "3/8 small se…: 25 %")
    for columns in 1...60 { #expect(text(60, 0.25, columns: columns).count <= columns) }
  }

  private static let progress = EpochProgress(
    epoch: 2, epochs: 5, batch: 117, batches: 468, imagesPerSecond: 12_345.6, loss: 0.1234,
    accuracy: 0.9712, secondsLeft: 62, course: [2.3, 1.1, 0.6, 0.3, 0.2, 0.15, 0.12])

  @Test func progressSaysWhatMattersMostInAnyWidth() {
    let facts = "117/468  12,346 images/s  loss 0.1234  accuracy 97.12 %  1:02 left"
    let short = "117/468  loss 0.1234  accuracy 97.12 %  1:02 left"
    func bar(_ filled: Int, _ empty: Int) -> String {
      String(repeating: "█", count: filled) + String(repeating: "░", count: empty)
    }
    let lines = [
      200: "epoch 2/5 \(bar(6, 18)) █▇▅▃▂▁▁ \(facts)",
      90: "epoch 2/5 \(bar(1, 5)) █▆▅▃▂▁ \(facts)",
      79: "epoch 2/5 \(bar(2, 7)) █▇▅▃▂▁▁ \(short)",
      66: "epoch 2/5 \(bar(1, 5)) \(short)",
      65: "epoch 2/5 \(short)",
      58: "epoch 2/5 \(bar(2, 6)) █▇▅▃▂▁▁ 117/468  loss 0.1234  1:02 left",
      40: "epoch 2/5 \(bar(2, 7)) 117/468  loss 0.1234",
      29: "epoch 2/5 \(bar(1, 6)) loss 0.1234",
      21: "epoch 2/5 loss 0.1234",
      19: "epoch 2/5",
      5: "epoc…",
    ]
    for (columns, line) in lines {
      #expect(Self.progress.line(columns: columns) == line)
    }
    for columns in 1...300 {
      #expect(Self.progress.line(columns: columns).count <= columns, "\(columns)")
    }
    var endless = Self.progress
    (endless.loss, endless.secondsLeft, endless.batches) = (.nan, .infinity, 0)
    endless.course = [.nan, .infinity]
    #expect(endless.line(columns: 120).hasSuffix("loss nan  accuracy 97.12 %  -:-- left"))
  }

  @Test func aSparklineHasABlockForEveryMean() {
    #expect(Sparkline.text([1, 2, 4, 8, 16, 32, 64, 128], width: 8) == "▁▂▃▄▅▆▇█")
    #expect(Sparkline.text([-1, 0, 1], width: 8) == "▁▅█")
    #expect(Sparkline.text([4, 4, 1, 1], width: 2) == "█▁")
    #expect(Sparkline.text([1, .nan, 2], width: 3) == "▁ █")
    #expect(Sparkline.text([3, 3], width: 9) == "▁▁")
    #expect(Sparkline.text([.nan, .infinity], width: 2) == "  ")
    let most = Double.greatestFiniteMagnitude
    #expect(Sparkline.text([-most, most], width: 2) == "▁█")
    #expect(Sparkline.text([], width: 5) == "" && Sparkline.text([1], width: -1) == "")
  }

  @Test func theCourseOfALossIsKeptInFewNumbers() {
    var course = LossCourse()
    for step in 0..<100_000 { course.add(Double(step)) }
    #expect((128..<256).contains(course.means.count))
    #expect(zip(course.means, course.means.dropFirst()).allSatisfy { $0 < $1 })
    // The first is the mean of the first 512 steps: 0 to 511.
    #expect(course.means[0] == 255.5)
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
