import Files
import TestSupport
import Testing

@testable import ImageData

@Suite("ImageDataTests: image sets") struct ImageSetTests {
  private func fiveImages() throws -> ImageSet {
    try ImageSet(pixels: Array(0..<20), labels: [0, 1, 2, 3, 4], height: 2, width: 2)
  }

  @Test func aFileBecomesASet() throws {
    let folder = try TemporaryFolder()
    let set = try ImageSet(
      images: folder.write("images", idx([2052, 2, 1, 2, 3], Array(1...12))),
      labels: folder.write("labels", idx([2049, 2], [7, 3])))
    #expect(shape(set) == [2, 1, 2, 3])
    #expect(set.labels == [7, 3])
    #expect(set.classCount == 8)
    #expect(set.withImage(1) { Array($0) } == [7, 8, 9, 10, 11, 12])
  }

  @Test func labelsAreOptional() throws {
    let folder = try TemporaryFolder()
    let set = try ImageSet(images: folder.write("images", threeImages))
    #expect(set.labels == nil && set.classCount == nil && set.labelFile == nil)
    try set.checkLabels(classes: 1)
  }

  @Test func partsShareTheirPixels() throws {
    let set = try fiveImages()
    let whole = set.prefix(9)
    #expect(whole.count == 5)
    let (rest, heldOut) = set.split(holdingOut: 2)
    #expect(rest.count == 3 && rest.labels == [0, 1, 2])
    #expect(heldOut.count == 2 && heldOut.labels == [3, 4])
    #expect(heldOut.withImage(1) { Array($0) } == [16, 17, 18, 19])
    #expect(heldOut[1..<2].withPixels { Array($0) } == [16, 17, 18, 19])
    let address = set.withPixels { $0.baseAddress }
    #expect(rest.prefix(1).withPixels { $0.baseAddress } == address)
    #expect(heldOut.withPixels { $0.baseAddress } == address.map { $0 + 12 })
  }

  @Test func someClassesAreKept() throws {
    let set = try ImageSet(
      pixels: Array(0..<12), labels: [5, 9, 0, 9, 5, 7], height: 1, width: 2)
    // A part whose first image is not the set's.
    let part = try set[1..<6].keeping(classes: 5..<10)
    #expect(part.labels == [4, 4, 0, 2] && part.classCount == 5)
    #expect(part.withPixels { Array($0) } == [2, 3, 6, 7, 8, 9, 10, 11])
    #expect(shape(part) == [4, 1, 2, 1])
    #expect(part.files == nil && part.targetShape == nil)
    let same = try ImageSet(
      pixels: [2, 3, 6, 7, 8, 9, 10, 11], labels: [4, 4, 0, 2], height: 1, width: 2)
    #expect(part.sha256 == same.sha256)
    // In the order in which the classes are named.
    #expect(try set.keeping(classes: [9, 0]).labels == [0, 1, 0])
    #expect(part.imageFile == "images in memory (classes 5, 6, 7, 8, 9)")
    #expect(
      complaint { try set.keeping(classes: [3, 200]) }
        == "images in memory: labels: expected an image of the classes 3, 200, found none")
    #expect(
      complaint { try part.checkLabels(classes: 4) }
        == "images in memory (classes 5, 6, 7, 8, 9): label 0, counted from 0: expected a class from 0 to 3, found 4; the model has too few outputs for these labels"
    )
  }

  @Test func classesOfFloatsAreKept() throws {
    let folder = try TemporaryFolder()
    try IDXWriter.writeFloats(
      [0, 0.25, 0.5, -1, 2, 3], dimensions: [3, 1, 2], to: folder("images"))
    try IDXWriter.writeLabels([1, 0, 1], to: folder("labels"))
    let set = try ImageSet(images: folder("images"), labels: folder("labels"))
    let ones = try set.keeping(classes: [1])
    var batch = [Float](repeating: 0, count: 4)
    [1, 0].withUnsafeBufferPointer { ones.copySamples($0, to: &batch) }
    #expect(batch == [2, 3, 0, 0.25] && ones.labels == [0, 0])
    #expect(ones.labelFile == "\(folder("labels")) (classes 1)")
  }

  @Test func aBatchIsFilledInTheOrderOfItsSamples() throws {
    let set = try fiveImages().split(holdingOut: 4).heldOut
    var batch = [Float](repeating: -1, count: 13)
    [3, 0, 3].withUnsafeBufferPointer { set.copySamples($0, to: &batch) }
    let expected = [16, 17, 18, 19, 4, 5, 6, 7, 16, 17, 18, 19].map { Float($0) * (1 / 255) }
    #expect(Array(batch.prefix(12)) == expected)
    #expect(batch[12] == -1)
  }

  @Test func whiteIsOne() throws {
    let set = try ImageSet(pixels: [0, 255], height: 1, width: 2)
    var batch: [Float] = [2, 2]
    [0].withUnsafeBufferPointer { set.copySamples($0, to: &batch) }
    #expect(batch == [0, 1])
  }

  @Test func oneImageIsCopied() throws {
    var pixels = [UInt8](repeating: 9, count: 5)
    try fiveImages().copyPixels(of: 2, into: &pixels)
    #expect(pixels == [8, 9, 10, 11, 9])
  }

  @Test func labelsBeyondTheClassesAreTold() throws {
    let folder = try TemporaryFolder()
    let set = try ImageSet(
      images: folder.write("images", threeImages),
      labels: folder.write("labels", idx([2049, 3], [1, 9, 12])))
    try set.checkLabels(classes: 13)
    let expected =
      "labels: label 2, counted from 0: expected a class from 0 to 9, found 12; the model has too few outputs for these labels"
    let error = #expect(throws: FileError.self) { try set.checkLabels(classes: 10) }
    #expect(folder.sentence(error) == expected)
    let ofPart = #expect(throws: FileError.self) { try set[1..<3].checkLabels(classes: 10) }
    #expect(folder.sentence(ofPart) == expected)
  }

  @Test func theIdentityIsThatOfTheData() throws {
    let folder = try TemporaryFolder()
    let labels = try folder.write("labels", idx([2049, 3], [0, 1, 2]))
    func identity(_ images: [UInt8], _ labels: String?) throws -> String {
      try ImageSet(images: folder.write("images", images), labels: labels).identity().hexadecimal
    }
    // sha256 of the five words and the bytes, by Python's hashlib.
    let expected = "cc24a7e045e2137634a2e12f05649f10953f3bc8c610256b6d8846f99cc2bc54"
    #expect(try identity(threeImages, labels) == expected)
    #expect(try identity(gzip(threeImages), labels) == expected)
    #expect(try identity(idx([2052, 3, 2, 2, 1], Array(0..<12)), labels) == expected)
    #expect(
      try ImageSet(pixels: Array(0..<12), labels: [0, 1, 2], height: 2, width: 2).identity()
        .hexadecimal == expected)
    #expect(try identity(threeImages, nil) != expected)
    #expect(try identity(idx([2051, 3, 1, 4], Array(0..<12)), labels) != expected)
    #expect(try fiveImages().prefix(3).identity().hexadecimal == expected)
  }
}
