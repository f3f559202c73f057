import ImageData
import NeuralNetwork
import TestSupport
import Testing

@testable import Training

@Suite struct AugmentationTests {
  /// Eight images of 12×10 with one channel, none of them symmetric.
  private static func images(channels: Int = 1) throws -> ImageSet {
    var random = SplitMix64(state: 4)
    let pixels = (0..<8 * 120 * channels).map { _ in UInt8.random(in: 1...255, using: &random) }
    return try ImageSet(
      pixels: pixels, labels: (0..<8).map { UInt8($0 % 3) }, height: 12, width: 10,
      channels: channels)
  }

  private func settings(_ text: String, mixup: Float = 0) throws -> TrainingSettings {
    var settings = TrainingSettings()
    settings.augmentation = try Augmentation(text)
    settings.mixup = mixup
    settings.seed = 3
    return settings
  }

  private func values(_ source: some SampleSource, _ number: Int32) -> [Float] {
    var values = [Float](repeating: 9, count: source.sampleShape.count)
    withUnsafePointer(to: number) { number in
      values.withUnsafeMutableBufferPointer { target in
        guard let target = target.baseAddress else { return }
        source.copySamples(UnsafeBufferPointer(start: number, count: 1), to: target)
      }
    }
    return values
  }

  private func changed(
    _ text: String, _ number: Int32, epoch: Int = 0, channels: Int = 1
  ) throws -> [Float] {
    let images = try Self.images(channels: channels)
    return values(
      AugmentedSamples(images, settings: try settings(text), training: [], epoch: epoch), number)
  }

  @Test func aShiftMovesWholePixels() throws {
    let original = values(try Self.images(), 2)
    var moves = Set<[Int]>()
    for epoch in 0..<300 {
      let moved = try changed("shift=1", 2, epoch: epoch)
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

  @Test func flipsMirror() throws {
    let original = values(try Self.images(channels: 3), 1)
    func mirrored(_ place: (_ row: Int, _ column: Int) -> (Int, Int)) -> [Float] {
      var result = original
      for row in 0..<12 {
        for column in 0..<10 {
          let (r, c) = place(row, column)
          for k in 0..<3 { result[(row * 10 + column) * 3 + k] = original[(r * 10 + c) * 3 + k] }
        }
      }
      return result
    }
    let leftRight = mirrored { ($0, 9 - $1) }, upDown = mirrored { (11 - $0, $1) }
    for (flip, other) in [("horizontal", leftRight), ("vertical", upDown)] {
      let seen = try (0..<20).map { try changed("flip=\(flip)", 1, epoch: $0, channels: 3) }
      #expect(seen.contains(original) && seen.contains(other))
      #expect(seen.allSatisfy { $0 == original || $0 == other })
    }
  }

  /// An image changed in place.
  private func apply(
    _ augmentation: Augmentation, to image: inout [Float], height: Int, width: Int, draw: Int
  ) {
    let random = CounterRandom(seed: 2, .test, draw)
    var change = ImageChange(augmentation, height: height, width: width, random: random)
    let floats = ImageChange.Scratch.count(
      height: height, width: width, channels: 1, augmentation)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: floats) { memory in
      guard let base = memory.baseAddress else { return }
      let scratch = ImageChange.Scratch(
        base, height: height, width: width, channels: 1, augmentation)
      image.withUnsafeMutableBufferPointer {
        if let target = $0.baseAddress { change.apply(to: target, channels: 1, scratch: scratch) }
      }
    }
  }

  @Test func aQuarterTurnTurns() throws {
    let augmentation = try Augmentation("rotation=90")
    let original = (0..<25).map { Float($0) }
    var turned = original
    for row in 0..<5 {
      for column in 0..<5 { turned[row * 5 + column] = original[column * 5 + 4 - row] }
    }
    // Among so many turns of up to 90 degrees one is close to that.
    var least = Float.infinity
    for draw in 0..<4000 {
      var image = original
      apply(augmentation, to: &image, height: 5, width: 5, draw: draw)
      least = min(least, zip(image, turned).map { abs($0 - $1) }.max() ?? 0)
    }
    #expect(least < 0.2)
  }

  @Test func elasticFieldsAreAsStrongAsStated() throws {
    // A slope shows by its values how far each place has moved.
    let (height, width) = (40, 40)
    let augmentation = try Augmentation("elastic=1.5,elastic_spacing=5")
    var (sum, count) = (0.0, 0)
    for sample in 0..<200 {
      var image = (0..<height * width).map { Float($0 / width) }
      apply(augmentation, to: &image, height: height, width: width, draw: sample)
      for row in 10..<30 {
        for column in 10..<30 {
          let moved = Double(image[row * width + column]) - Double(row)
          sum += moved * moved
          count += 1
        }
      }
    }
    #expect(abs((sum / Double(count)).squareRoot() - 1.5) < 0.1)
  }

  @Test func erasedRectanglesAreAsLargeAsStated() throws {
    let original = values(try Self.images(), 0)
    let shares = try (0..<200).map { epoch in
      let seen = try changed("erase=0.5,erase_area=0.3", 0, epoch: epoch)
      let erased = (0..<120).filter { seen[$0] != original[$0] }
      #expect(erased.allSatisfy { seen[$0] == 0 })
      let rows = Set(erased.map { $0 / 10 }), columns = Set(erased.map { $0 % 10 })
      #expect(rows.count * columns.count == erased.count)
      return Double(erased.count) / 120
    }
    let erased = shares.filter { $0 > 0 }
    #expect((70...130).contains(erased.count))
    #expect(erased.allSatisfy { $0 <= 0.4 })
  }

  @Test func mixturesHaveTheLabelOfTheirLargerPart() throws {
    let images = try Self.images()
    let training: [Int32] = [1, 4, 6]
    let seen = AugmentedSamples(
      images, settings: try settings("none", mixup: 0.4), training: training, epoch: 2)
    #expect(seen.mixes)
    let numbers: [Int32] = [1, 4]
    var labels = [UInt8](repeating: 9, count: 2), shares = [Float](repeating: 0, count: 2)
    numbers.withUnsafeBufferPointer { numbers in
      labels.withUnsafeMutableBufferPointer { labels in
        shares.withUnsafeMutableBufferPointer { shares in
          guard let labels = labels.baseAddress, let shares = shares.baseAddress else { return }
          seen.copyMixtures(numbers, labels: labels, shares: shares)
        }
      }
    }
    for (i, number) in numbers.enumerated() {
      #expect((0.5...1).contains(shares[i]))
      let mixed = values(seen, number), own = values(images, number)
      let share = shares[i]
      let match = training.filter { partner in
        let other = values(images, partner)
        return mixed.indices.allSatisfy { place in
          let expected = share * own[place] + (1 - share) * other[place]
          return abs(mixed[place] - expected) < 1e-6
        }
      }
      #expect(match.contains { UInt8($0 % 3) == labels[i] })
    }
  }

  @Test func sharesFollowTheBetaDistribution() {
    let mixup = Mixup(alpha: 0.5, partners: [0], seed: 1, epoch: 0)
    let shares = (0..<20_000).map { Double(mixup.mixture(of: $0).share) }
    #expect(shares.allSatisfy { (0.5...1).contains($0) })
    // The variance of Beta(a, a) around 1/2 is 1 / (4 (2 a + 1)).
    let variance = shares.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / Double(shares.count)
    #expect(abs(variance - 0.125) < 0.002)
  }

  @Test(arguments: [
    "none", "shift=2.0", "shift=2.0,rotation=10.0,scale=0.1,shear=5.0,elastic=0.8",
    "elastic=1.0,elastic_spacing=4.0,erase=0.5,erase_area=0.3,flip=both",
  ]) func textsAreReadBack(text: String) throws {
    #expect(try Augmentation(text).description == text)
  }

  @Test(arguments: [
    (
      "turn=3",
      "augmentation: expected a key of shift, rotation, scale, shear, elastic, elastic_spacing,"
        + " erase, erase_area, flip, found turn"
    ),
    ("shift", "augmentation: expected none, or key=value pairs with commas between, found shift"),
    ("shift=far", "augmentation.shift: expected a number, found far"),
    ("rotation=181", "augmentation.rotation: expected 0.0 to 180.0, found 181.0"),
    ("flip=up", "augmentation.flip: expected one of horizontal, vertical, both, found up"),
  ]) func wrongTextsAreNamed(text: String, message: String) {
    do throws(SettingError) {
      _ = try Augmentation(text)
      Issue.record("\(text) was taken")
    } catch {
      #expect(error.description == message)
    }
  }
}
