import Files
import NeuralNetwork
import TestSupport
import Testing

@testable import ImageData

/// IDX files of floats and of 16-bit integers, as images and as targets.
@Suite("ImageDataTests: elements") struct ElementTests {
  private func bytes(_ floats: [Float]) -> [UInt8] {
    floats.flatMap { value in withUnsafeBytes(of: value.bitPattern.bigEndian) { Array($0) } }
  }

  private func samples(_ set: ImageSet, _ numbers: [Int32]) -> [Float] {
    var found = [Float](repeating: 9, count: numbers.count * set.pixelsPerImage)
    numbers.withUnsafeBufferPointer { set.copySamples($0, to: &found) }
    return found
  }

  @Test func floatsAreTakenAsTheyAre() throws {
    let folder = try TemporaryFolder()
    let values: [Float] = [0.5, -1, 3e38, 0, 1e-30, 7, 8, 9]
    for content in [
      idx([0x0d03, 2, 2, 2], bytes(values)), idx([0x0d04, 2, 2, 1, 2], bytes(values)),
    ] {
      for stored in [content, gzip(content)] {
        let set = try ImageSet(images: folder.write("f", stored))
        #expect(set.pixelsPerImage == 4 && !set.hasBytes && set.targets == .none)
        #expect(samples(set, [1, 0]) == [1e-30, 7, 8, 9, 0.5, -1, 3e38, 0])
        #expect(samples(set[1..<2], [0]) == [1e-30, 7, 8, 9])
        var pixels: [UInt8] = [1, 1, 1, 1]
        set.copyPixels(of: 0, into: &pixels)
        #expect(pixels == [128, 0, 255, 0])
      }
    }
  }

  @Test func shortsAreScaled() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      "f", idx([0x0b03, 2, 1, 2], [0x7f, 0xff, 0x00, 0x00, 0x80, 0x01, 0x00, 0x7f]))
    let set = try ImageSet(images: file)
    #expect(samples(set, [0, 1]) == [1, 0, -1, 127 / 32767])
  }

  @Test func targetsCanBeNumbers() throws {
    let folder = try TemporaryFolder()
    let images = try folder.write("images", threeImages)
    try IDXWriter.writeFloats([0.5, 1, 1.5], dimensions: [3], to: folder.path + "/one")
    try IDXWriter.writeFloats([1, 2, 3, 4, 5, 6], dimensions: [3, 2], to: folder.path + "/two")
    let one = try ImageSet(images: images, labels: folder.path + "/one")
    #expect(one.labels == nil && one.targets == .values([1]) && one.targetValues == [0.5, 1, 1.5])
    let two = try ImageSet(images: images, labels: folder.path + "/two")
    #expect(two.targets == .values([2]) && two.files == [images, folder.path + "/two"])
    var found: [Float] = [9, 9, 9, 9]
    [2, 0].withUnsafeBufferPointer { two.copyTargets($0, outputs: 2, to: &found) }
    #expect(found == [5, 6, 1, 2])
    #expect(two[1..<3].targetValues == [3, 4, 5, 6])
    // Each has a digest of its own; that of bytes with labels is what it has always been.
    let labelled = try ImageSet(
      images: images, labels: folder.write("labels", idx([2049, 3], [0, 1, 2])))
    let sets = [one, two, labelled, try ImageSet(images: images)]
    #expect(Set(sets.map(\.sha256)).count == 4)
  }

  @Test func aDigestTellsTheElement() throws {
    let folder = try TemporaryFolder()
    let zeros = try [
      idx([2051, 1, 1, 4], [0, 0, 0, 0]), idx([0x0b03, 1, 1, 2], [0, 0, 0, 0]),
      idx([0x0d03, 1, 1, 1], [0, 0, 0, 0]),
    ].map {
      try ImageSet(images: folder.write("f", $0)).sha256
    }
    #expect(Set(zeros).count == 3)
  }

  @Test func whatIsNotFiniteIsNamed() throws {
    let folder = try TemporaryFolder()
    for (bad, number) in [(Float.nan, 1), (-.infinity, 2)] {
      var values: [Float] = [0, 0, 0]
      values[number] = bad
      let file = try folder.write("f", idx([0x0d03, 1, 1, 3], bytes(values)))
      let error = #expect(throws: FileError.self) { try ImageSet(images: file) }
      #expect(
        folder.sentence(error)
          == "f: pixels, number \(number), counted from 0: expected a finite number, found infinity or no number"
      )
    }
  }
}
