import Pictures
import TestSupport
import Testing

/// The geometry and the words of preparation, on pictures whose answer is known.
@Suite struct PreparationTests {
  private static let preparation = PicturePreparation(input: [28, 28, 1])

  /// White paper with black rectangles: rows and columns of each.
  private func drawn(
    height: Int, width: Int, _ boxes: [(rows: Range<Int>, columns: Range<Int>)],
    paper: UInt8 = 230, ink: UInt8 = 20
  ) -> Picture {
    var pixels = [UInt8](repeating: paper, count: height * width)
    for box in boxes {
      for row in box.rows { for column in box.columns { pixels[row * width + column] = ink } }
    }
    return Picture(height: height, width: width, pixels: pixels)
  }

  private func box(_ prepared: PreparedPicture) -> (rows: Range<Int>, columns: Range<Int>) {
    let ink = prepared.pixels.indices.filter { prepared.pixels[$0] > 100 }
    let rows = ink.map { $0 / prepared.width }, columns = ink.map { $0 % prepared.width }
    return (
      (rows.min() ?? 0)..<(rows.max() ?? 0) + 1, (columns.min() ?? 0)..<(columns.max() ?? 0) + 1
    )
  }

  @Test func aBarIsFittedAndCentred() throws {
    let picture = drawn(height: 300, width: 200, [(40..<200, 100..<132)])
    let prepared = try #require(Self.preparation).prepare(picture)
    // 20 rows, and a fifth of that in columns, about row and column 14 within half a pixel.
    let (rows, columns) = box(prepared)
    #expect(rows.count == 20 && abs(rows.lowerBound + rows.upperBound - 1 - 28) <= 1)
    #expect(columns.count == 4 && abs(columns.lowerBound + columns.upperBound - 1 - 28) <= 1)
    #expect(prepared.pixels.max() == 255 && prepared.pixels.min() == 0)
    #expect(prepared.warnings == [])
    let changes = prepared.changes
    #expect(changes.method == .fitted && changes.polarity == .darkOnLight)
    #expect(abs(changes.box.top - 40) <= 1 && abs(changes.box.left - 100) <= 1)
    #expect(abs(changes.box.height - 160) <= 2 && abs(changes.box.width - 32) <= 2)
    #expect(abs(changes.scale - 8) < 0.2)
    let paper = try #require(changes.paper)
    #expect(paper.allSatisfy { abs($0 - 230) <= 1 })
  }

  @Test func otherSizesAreInProportion() throws {
    let picture = drawn(height: 300, width: 200, [(40..<200, 100..<132)])
    let prepared = try #require(PicturePreparation(input: [56, 56, 1])).prepare(picture)
    #expect(prepared.height == 56 && prepared.width == 56)
    let (rows, columns) = box(prepared)
    #expect(rows.count == 40 && abs(rows.lowerBound + rows.upperBound - 1 - 56) <= 1)
    #expect(columns.count == 8 && abs(columns.lowerBound + columns.upperBound - 1 - 56) <= 1)
  }

  @Test func lightOnDarkIsTheSame() throws {
    let preparation = try #require(Self.preparation)
    let boxes = [(40..<200, 100..<132), (40..<70, 60..<132)]
    let dark = preparation.prepare(drawn(height: 300, width: 200, boxes))
    let light = preparation.prepare(
      drawn(height: 300, width: 200, boxes, paper: 25, ink: 235))
    #expect(light.changes.polarity == .lightOnDark)
    let worst = zip(dark.pixels, light.pixels).map { abs(Int($0) - Int($1)) }.max()
    #expect((worst ?? 255) <= 8)
  }

  @Test func emptyPaperHasNoInk() throws {
    let preparation = try #require(Self.preparation)
    let empty = drawn(height: 100, width: 100, [])
    #expect(preparation.prepare(empty).warnings == [.noInk])
    #expect(preparation.prepareEach(empty).isEmpty)
    // A speck is no writing.
    #expect(
      preparation.prepare(drawn(height: 100, width: 100, [(50..<52, 50..<52)])).warnings
        == [.noInk])
    for (height, width) in [(1, 1), (2, 1), (3, 3), (1, 3000), (3000, 2)] {
      for paper: UInt8 in [0, 128, 255] {
        let plain = drawn(height: height, width: width, [], paper: paper)
        #expect(preparation.prepare(plain).warnings == [.noInk])
      }
    }
  }

  @Test func digitsAreReadFromLeftToRight() throws {
    let preparation = try #require(Self.preparation)
    let boxes: [(rows: Range<Int>, columns: Range<Int>)] = [
      // One digit; one whose bar is above the rest and reaches beyond it; one of two pieces that
      // overlap; a bar beside the last; and two specks.
      (60..<160, 40..<56), (70..<160, 110..<126), (50..<62, 112..<150), (60..<100, 220..<240),
      (110..<160, 225..<245), (70..<82, 252..<275), (20..<23, 330..<333), (180..<183, 180..<183),
    ]
    let picture = drawn(height: 200, width: 400, boxes)
    let digits = preparation.prepareEach(picture)
    let lefts = digits.map(\.changes.box.left), widths = digits.map(\.changes.box.width)
    try #require(digits.count == 3)
    for (found, expected) in zip(lefts, [40, 110, 220]) { #expect(abs(found - expected) <= 2) }
    for (found, expected) in zip(widths, [16, 40, 55]) { #expect(abs(found - expected) <= 3) }
    let whole = preparation.prepare(picture)
    #expect(whole.warnings == [.severalDigits(3)])
  }

  @Test func inkAtTheBorderAndThinStrokes() throws {
    let preparation = try #require(Self.preparation)
    let cut = preparation.prepare(drawn(height: 200, width: 200, [(0..<120, 90..<110)]))
    #expect(cut.warnings == [.inkAtBorder])
    let thin = preparation.prepare(
      drawn(height: 200, width: 200, [(30..<170, 90..<94), (30..<34, 60..<94)]))
    try #require(thin.warnings.count == 1)
    guard case .thinStroke(let width) = thin.warnings[0] else {
      Issue.record("\(thin.warnings)")
      return
    }
    // Four pixels, of seven that a pixel of the result stands for.
    #expect(abs(width - 4.0 / 7) < 0.25)
    #expect((thin.changes.thickening ?? 0) > 0.8)
  }

  @Test func coloursAreLeftInColour() throws {
    let preparation = try #require(PicturePreparation(input: [2, 2, 3]))
    // Of 2 rows and 4 columns the middle: red, then blue.
    let row: [UInt8] = [9, 9, 9, 200, 0, 0, 0, 0, 100, 9, 9, 9]
    let picture = Picture(height: 2, width: 4, channels: 3, pixels: row + row)
    let prepared = preparation.prepare(picture)
    #expect(prepared.pixels == [200, 0, 0, 0, 0, 100, 200, 0, 0, 0, 0, 100])
    #expect(prepared.changes.method == .cropped && prepared.warnings == [])
    let grey = preparation.prepare(Picture(height: 2, width: 2, pixels: [0, 50, 100, 255]))
    #expect(grey.pixels == [0, 0, 0, 50, 50, 50, 100, 100, 100, 255, 255, 255])
  }

  @Test func asItIsIsOnlyScaled() throws {
    let preparation = try #require(PicturePreparation(input: [2, 2, 1]))
    let picture = Picture(height: 2, width: 4, pixels: [0, 100, 200, 250, 10, 10, 20, 20])
    let scaled = preparation.scale(picture)
    #expect(scaled.pixels == [50, 225, 10, 20] && scaled.changes.method == .scaled)
    #expect(scaled.sample == [50, 225, 10, 20].map { Float($0) / 255 })
    #expect(
      preparation.scale(Picture(height: 2, width: 2, pixels: [1, 2, 3, 4])).changes.method
        == .unchanged)
  }

  @Test func otherInputsTakeNoPictures() {
    #expect(PicturePreparation(input: [784]) == nil)
    #expect(PicturePreparation(input: [28, 28, 2]) == nil)
  }

  @Test func aFoldersPicturesAreInNaturalOrder() throws {
    let folder = try TemporaryFolder()
    for name in ["10.png", "9.JPG", "a.pgm", "notes.txt", ".hidden.png"] {
      try folder.write(name, [])
    }
    #expect(
      try Picture.files(inFolder: folder.path)
        == ["9.JPG", "10.png", "a.pgm"].map { "\(folder.path)/\($0)" })
    #expect(try Picture.files(inFolder: folder("10.png")) == nil)
    #expect(try Picture.files(inFolder: folder("none")) == nil)
    let empty = try TemporaryFolder()
    #expect(
      complaint { try Picture.files(inFolder: empty.path) }
        == "\(empty.path): expected a folder of pictures (.png, .jpg, .pgm), found none in it")
  }

  @Test func warningsArePlainWords() {
    #expect(
      "\(PictureWarning.severalDigits(3))" == "it seems to hold 3 digits, and is read as one")
    #expect(
      "\(PictureWarning.inkAtBorder)"
        == "the writing reaches the edge of the picture; leave some paper all round it")
  }
}
