import Files
import ImageData
import Testing

@testable import Lab

@Suite struct LabDataTests {
  private static func images(
    _ labels: [UInt8]?, height: Int = 2, count: Int = 3, name: String
  ) throws -> ImageSet {
    try ImageSet(
      pixels: (0..<count * height * 3).map { UInt8($0 + 1) }, labels: labels, height: height,
      width: 3, name: name)
  }

  @Test func setsThatDoNotGoTogetherAreRefused() throws {
    let training = try Self.images([0, 1, 2], name: "train")
    #expect(
      try LabData(training: training, test: Self.images([0, 2, 2], name: "test")).classes == 3)
    for (test, line) in [
      (
        try Self.images([0, 1, 2], height: 4, name: "test"),
        "test: expected images of 2×3×1, as those to learn from are, found 4×3×1"
      ),
      (try Self.images(nil, name: "test"), "test: expected images with labels, found none"),
      (
        try Self.images([0, 3, 2], name: "test"),
        "test: labels: expected the classes 0 to 2 of the images to learn from, found 3"
      ),
    ] {
      let error = #expect(throws: FileError.self) { try LabData(training: training, test: test) }
      #expect(error?.description == line)
    }
  }

  @Test(
    arguments: [
      (0, 0, [1, 2, 3, 4, 5, 6]), (1, 0, [0, 0, 0, 1, 2, 3]), (-1, 0, [4, 5, 6, 0, 0, 0]),
      (0, 1, [0, 1, 2, 0, 4, 5]), (1, -2, [0, 0, 0, 3, 0, 0]), (2, 0, [0, 0, 0, 0, 0, 0]),
      (0, 5, [0, 0, 0, 0, 0, 0]),
    ] as [(Int, Int, [UInt8])])
  func imagesAreMoved(down: Int, right: Int, pixels: [UInt8]) throws {
    let moved = try Self.images([0], count: 1, name: "one").moved(down: down, right: right)
    #expect(moved.withImage(0) { Array($0) } == pixels && moved.labels == [0])
  }
}
