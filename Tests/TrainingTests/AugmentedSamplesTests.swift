import ImageData
import NeuralNetwork
import Testing

@testable import Training

/// What samples become whole: shifted by whole pixels, mirrored, erased, drawn on a sheet.
@Suite struct AugmentedSamplesTests {
  private typealias Images = ChangedImages

  @Test func aShiftMovesWholePixels() throws {
    let original = Images.values(try Images.images(), 2)
    var moves = Set<[Int]>()
    for epoch in 0..<300 {
      let moved = try Images.changed("shift=1", 2, epoch: epoch)
      let found = [-1, 0, 1].flatMap { down in [-1, 0, 1].map { [down, $0] } }.filter { move in
        (0..<120).allSatisfy { place in
          let (row, column) = (place / 10 - move[0], place % 10 - move[1])
          let isInside = (0..<12).contains(row) && (0..<10).contains(column)
          return moved[place] == (isInside ? original[row * 10 + column] : 0)
        }
      }
      #expect(found.count == 1)
      moves.formUnion(found)
    }
    #expect(moves.count == 9)
  }

  /// The second image with three channels, as it is where each place shows another.
  private func mirrored(
    _ place: (_ row: Int, _ column: Int) -> (Int, Int) = { ($0, $1) }
  ) throws -> [Float] {
    let original = Images.values(try Images.images(channels: 3), 1)
    var result = original
    for row in 0..<12 {
      for column in 0..<10 {
        let (r, c) = place(row, column)
        for k in 0..<3 { result[(row * 10 + column) * 3 + k] = original[(r * 10 + c) * 3 + k] }
      }
    }
    return result
  }

  @Test func flipsMirror() throws {
    let original = try mirrored()
    for (flip, other) in [
      ("horizontal", try mirrored { ($0, 9 - $1) }), ("vertical", try mirrored { (11 - $0, $1) }),
    ] {
      let seen = try (0..<20).map { try Images.changed("flip=\(flip)", 1, epoch: $0, channels: 3) }
      #expect(seen.contains(original) && seen.contains(other))
      #expect(seen.allSatisfy { $0 == original || $0 == other })
    }
  }

  @Test func bothFlipsAreIndependent() throws {
    let all = [
      try mirrored(), try mirrored { ($0, 9 - $1) }, try mirrored { (11 - $0, $1) },
      try mirrored { (11 - $0, 9 - $1) },
    ]
    var counts = [0, 0, 0, 0]
    for epoch in 0..<400 {
      let seen = try Images.changed("flip=both", 1, epoch: epoch, channels: 3)
      counts[try #require(all.firstIndex(of: seen))] += 1
    }
    #expect(counts.allSatisfy { (70...130).contains($0) }, "\(counts)")
  }

  @Test func erasedRectanglesAreAsLargeAsStated() throws {
    let original = Images.values(try Images.images(), 0)
    let shares = try (0..<400).map { epoch in
      let seen = try Images.changed("erase=0.5,erase_area=0.3", 0, epoch: epoch)
      let erased = (0..<120).filter { seen[$0] != original[$0] }
      #expect(erased.allSatisfy { seen[$0] == 0 })
      let rows = Set(erased.map { $0 / 10 }), columns = Set(erased.map { $0 % 10 })
      #expect(rows.count * columns.count == erased.count)
      return Double(erased.count) / 120
    }
    let erased = shares.filter { $0 > 0 }
    #expect((160...240).contains(erased.count))
    #expect(erased.allSatisfy { $0 <= 0.3 } && erased.contains { $0 > 0.27 })
  }

  @Test(arguments: [
    (28, 28, 0.2), (7, 3, 0.2), (3, 40, 1.0), (1, 1, 0.02), (2, 2, 0.3), (1, 9, 0.5),
  ])
  func noRectangleIsLargerThanStated(height: Int, width: Int, share: Float) throws {
    let augmentation = try Augmentation("erase=1,erase_area=\(share)")
    var most = 0
    for draw in 0..<2000 {
      var image = [Float](repeating: 1, count: height * width)
      Images.apply(augmentation, to: &image, height: height, width: width, draw: draw)
      let erased = image.count { $0 == 0 }
      #expect(erased >= 1)
      most = max(most, erased)
    }
    let bound = max(1, Int(share * Float(height * width)))
    #expect(most <= bound)
    #expect(Double(most) >= 0.8 * Double(bound))
  }

  /// Images that fill the memory they are given to work in.
  private struct Workers: SampleSource {
    let images: ImageSet

    var count: Int { images.count }
    var sampleShape: Shape { images.sampleShape }
    var scratchCount: Int { 1000 }

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
    ) {
      images.copySamples(numbers, to: samples)
    }

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>,
      scratch: UnsafeMutablePointer<Float>
    ) {
      scratch.update(repeating: .nan, count: scratchCount)
      images.copySamples(numbers, to: samples)
    }

    func copyLabels(
      _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>
    ) {
      images.copyLabels(numbers, to: labels)
    }
  }

  @Test(arguments: ["none", "shift=1,rotation=10,elastic=1,elastic_spacing=3"], [0, 0.5])
  func aSourceWorksInMemoryOfItsOwn(text: String, mixup: Float) throws {
    let images = try Images.images()
    let settings = try Images.settings(text, mixup: mixup)
    let training: [Int32] = [1, 3, 5]
    let plain = AugmentedSamples(images, settings: settings, training: training, epoch: 0)
    let working = AugmentedSamples(
      Workers(images: images), settings: settings, training: training, epoch: 0)
    #expect(working.scratchCount == plain.scratchCount + 1000)
    for number in training {
      let values = Images.values(working, number)
      #expect(values == Images.values(plain, number) && values.allSatisfy(\.isFinite))
      // In memory that holds anything.
      var scratch = [Float](repeating: .nan, count: working.scratchCount)
      var again = values
      withUnsafePointer(to: number) {
        working.copySamples(
          UnsafeBufferPointer(start: $0, count: 1), to: &again, scratch: &scratch)
      }
      #expect(again == values)
    }
  }

  @Test func aSheetShowsWhatARunSees() throws {
    let images = try Images.images()
    var settings = try Images.settings("shift=1,rotation=10", mixup: 0.5)
    settings.validationFraction = 0.4
    let split = try SampleSplit(count: images.count, settings: settings)
    #expect(split.training.count == 5 && split.training != Array(0..<5))
    let sheet = try ContactSheet(images, settings: settings, rows: 3, epochs: 2, magnification: 1)
    #expect(sheet.samples == Array(split.training.prefix(3)))
    let picture = sheet.draw()
    #expect(picture.height == 3 * 13 + 1 && picture.width == 3 * 11 + 1)
    for (row, number) in sheet.samples.enumerated() {
      for column in 0...2 {
        let expected =
          column == 0
          ? Images.values(images, number)
          : Images.values(
            AugmentedSamples(
              images, settings: settings, training: split.training, epoch: column - 1), number)
        let cell = (0..<120).map { place in
          let (y, x) = (row * 13 + 1 + place / 10, column * 11 + 1 + place % 10)
          return picture.pixels[y * picture.width + x]
        }
        #expect(cell == expected.map { UInt8((min(max($0, 0), 1) * 255).rounded()) })
      }
    }
    let enlarged = try ContactSheet(
      images, settings: settings, rows: 100, epochs: 1, magnification: 3)
    #expect(enlarged.samples == split.training && enlarged.isDrawable)
    #expect(enlarged.height == 3 * (5 * 13 + 1) && enlarged.width == 3 * (2 * 11 + 1))
    #expect(
      try !ContactSheet(
        images, settings: settings, rows: 5, epochs: 1 << 30, magnification: 1 << 20
      ).isDrawable)
  }
}
