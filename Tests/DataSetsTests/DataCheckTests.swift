import DataSets
import Files
import Foundation
import ImageData
import TestSupport
import Testing

@Suite struct DataCheckTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What is found in the folder, a line each.
  private func findings(in path: String? = nil) throws -> [String] {
    try DataCheck(DataFolder(path ?? folder.path)).findings.map { finding in
      let part = finding.part.map { " \($0)" } ?? ""
      return "\(finding.severity) \(finding.subject)\(part): \(finding.message)"
        .replacingOccurrences(of: folder.path + "/", with: "")
    }
  }

  /// Writes one part: images of 2×2 pixels, each of four different ones from `pixels` on.
  private func write(_ split: String, _ pixels: [UInt8], labels: [UInt8]) throws {
    try IDXWriter.writeImages(
      pixels.flatMap { [$0, $0 &+ 1, $0 &+ 2, $0 &+ 3] }, height: 2, width: 2,
      to: folder("\(split)-images-idx3-ubyte"))
    try IDXWriter.writeLabels(labels, to: folder("\(split)-labels-idx1-ubyte"))
  }

  @Test func mnistIsKnown() throws {
    let check = try DataCheck(DataFolder(Repository.path("Datasets/mnist")))
    #expect(check.isSound)
    #expect(
      check.findings.map(\.message) == [
        "MNIST's training set, unchanged", "MNIST's test set, unchanged",
      ])
    #expect(check.parts.map(\.known) == ["MNIST's training set", "MNIST's test set"])
    #expect(check.classes.map(\.name) == (0...9).map(String.init))
    #expect(check.classes.first?.counts == [5923, 980])
  }

  private static let fashion = "/usr/share/datasets/fashion-mnist"

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: fashion),
      "Debian's dataset-fashion-mnist is not installed"))
  func fashionIsKnown() throws {
    let check = try DataCheck(DataFolder(Self.fashion))
    #expect(check.isSound)
    #expect(
      check.parts.map(\.known) == ["Fashion-MNIST's training set", "Fashion-MNIST's test set"])
    #expect(!check.findings.contains { $0.subject == .orientation })
  }

  @Test func swappedFilesAreFound() throws {
    for (name, other) in [("train", "t10k"), ("t10k", "train")] {
      for kind in ["images-idx3", "labels-idx1"] {
        try FileManager.default.createSymbolicLink(
          atPath: folder("\(name)-\(kind)-ubyte.gz"),
          withDestinationPath: Repository.path("Datasets/mnist/\(other)-\(kind)-ubyte.gz"))
      }
    }
    #expect(
      try findings() == [
        "wrong identity train: the train files hold MNIST's test set; are the files swapped?",
        "wrong identity test: the test files hold MNIST's training set; are the files swapped?",
        "warning counts test: 60000 images, more than the 10000 to train on; are the files swapped?",
      ])
  }

  @Test func soundDataHaveNothingToFind() throws {
    try write("train", [0, 10, 20, 30], labels: [0, 1, 0, 1])
    try write("t10k", [40, 50], labels: [0, 1])
    #expect(try findings() == [])
  }

  @Test func damagedFilesAreFindings() throws {
    try write("train", [0, 10], labels: [0, 1])
    try write("test", [40, 50], labels: [0, 1])
    _ = try folder.write("train-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2])
    let labels = [UInt8](
      try Data(contentsOf: URL(fileURLWithPath: folder("test-labels-idx1-ubyte"))))
    _ = try folder.write("test-images-idx3-ubyte", labels)
    let found = try findings()
    #expect(
      found == [
        "wrong files train: train-images-idx3-ubyte: header: expected 16 bytes, found 12; the file is cut short",
        "wrong files test: test-images-idx3-ubyte: magic number: expected 2051 (3-D unsigned bytes), found 2049 (1-D unsigned bytes); is this the label file?",
      ])
  }

  @Test func aFolderWithoutDataIsAnError() throws {
    #expect(complaint { try findings() }.contains(": train images: expected one of "))
    try write("test", [40, 50], labels: [0, 1])
    #expect(try findings() == ["note files train: there are no train images"])
  }

  @Test func testImagesNeedNoLabels() throws {
    try write("train", [0, 10], labels: [0, 1])
    try write("test", [40, 50], labels: [0, 1])
    try FileManager.default.removeItem(atPath: folder("test-labels-idx1-ubyte"))
    let check = try DataCheck(DataFolder(folder.path))
    #expect(check.findings.map(\.message) == ["the images have no labels"] && check.isSound)
    #expect(check.classes.map(\.counts) == [[1, 0], [1, 0]])
    try FileManager.default.removeItem(atPath: folder("train-labels-idx1-ubyte"))
    let found = try findings()
    #expect(found.count == 2 && found[0].hasPrefix("wrong files train: "))
    #expect(found[0].hasSuffix(", found none; train-images-idx3-ubyte is there"))
  }

  @Test func labelsAreHeldToTheNames() throws {
    try write("train", [0, 10, 20], labels: [0, 1, 2])
    try write("test", [40, 50], labels: [0, 1])
    _ = try folder.write("classes.txt", Array("cat\ndog\n".utf8))
    #expect(
      try findings() == [
        "wrong labels train: label 2, counted from 0, is 2, where classes.txt names 2 classes",
        "warning balance test: no image of 2",
      ])
  }

  @Test func targetsThatAreNumbersAreNoClasses() throws {
    try IDXWriter.writeFloats(
      [0, 0.5, 1, 1, 0.25, 0.25], dimensions: [3, 1, 2], to: folder("train-images-idx3-ubyte"))
    try IDXWriter.writeFloats([1, 2, 3], dimensions: [3], to: folder("train-labels-idx1-ubyte"))
    let check = try DataCheck(DataFolder(folder.path))
    #expect(check.classes.isEmpty)
    #expect(
      check.findings.map(\.message) == [
        "2 images of one shade, the first of them number 1", "there are no test images",
      ])
  }

  @Test func classesAreCounted() throws {
    try write(
      "train", (0..<23).map { $0 * 5 }, labels: [1, 1, 3] + [UInt8](repeating: 1, count: 20))
    try write("test", [200, 210], labels: [1, 2])
    let check = try DataCheck(DataFolder(folder.path))
    #expect(check.classes.map(\.counts) == [[0, 0], [22, 1], [0, 1], [1, 0]])
    #expect(
      try findings() == [
        "wrong balance test: 1 image of classes that no training image has, such as 2",
        "warning labels: no image is of class 0, as if labels began at 1; an import with labels from 1 mends it",
        "warning balance train: no image of 2",
        "warning balance train: the largest class has 22 images, the smallest 1",
        "warning balance test: no image of 3",
      ])
  }

  /// Of a part without the first class, that is said as of any other class.
  @Test func theFirstClassMayLackInOnePart() throws {
    try write("train", [0, 10], labels: [0, 1])
    try write("test", [40, 50], labels: [1, 1])
    #expect(try findings() == ["warning balance test: no image of 0"])
  }

  @Test func theLowestLabelIsNamed() throws {
    try write("train", [0, 10], labels: [3, 4])
    try write("test", [40, 50], labels: [3, 4])
    #expect(
      try findings() == [
        "warning labels: no image is of a class below 3, as if labels began at 3; an import with labels from 3 mends it"
      ])
  }

  @Test func aNamedClassMayHaveNoImages() throws {
    try write("train", [0, 10], labels: [1, 2])
    try write("test", [40, 50], labels: [1, 2])
    _ = try folder.write("classes.txt", Array("cat\ndog\nemu\n".utf8))
    let found = try findings()
    #expect(
      found == ["warning balance train: no image of cat", "warning balance test: no image of cat"])
  }

  @Test func repeatedImagesAreFound() throws {
    try write("train", [0, 10, 20, 10, 20], labels: [0, 1, 0, 1, 1])
    try write("test", [40, 50, 0], labels: [0, 1, 1])
    #expect(
      try findings() == [
        "wrong duplicates train: 2 images repeat an earlier one (number 4 is number 2), 1 of them with another label",
        "wrong leakage test: 1 image is among the training images too (number 2 is training image 0), 1 of them with another label",
      ])
  }

  @Test func fewRepeatedImagesAreAWarning() throws {
    let images = (0..<200).map { UInt8($0) }
    try write("train", images, labels: images.map { $0 % 2 })
    let pairs = (200..<250).flatMap { [UInt8($0), UInt8($0)] }
    try write("test", [7] + pairs, labels: [1] + pairs.map { $0 % 2 })
    let found = try findings()
    #expect(
      found == [
        "warning duplicates test: 50 images repeat an earlier one (number 2 is number 1)",
        "warning leakage test: 1 image is among the training images too (number 0 is training image 7)",
      ])
  }

  @Test func imagesOfOneShadeAreFound() throws {
    try IDXWriter.writeImages(
      [0, 1, 2, 3, 9, 9, 9, 9], height: 2, width: 2, to: folder("train-images-idx3-ubyte"))
    try IDXWriter.writeLabels([0, 1], to: folder("train-labels-idx1-ubyte"))
    try IDXWriter.writeImages(
      [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 7], height: 1, width: 2, channels: 3,
      to: folder("test-images-idx4-ubyte"))
    try IDXWriter.writeLabels([0, 1], to: folder("test-labels-idx1-ubyte"))
    #expect(
      try findings() == [
        "wrong counts test: images of 1×2×3, where the train images have 2×2×1",
        "wrong constant train: 1 image of one shade, the first of them number 1",
        "wrong constant test: 1 image of one shade, the first of them number 0",
      ])
  }

  /// The first test digits, each pixel as `pixel` makes it of the image.
  private func writeDigits(_ pixel: (UnsafeBufferPointer<UInt8>, Int, Int) -> UInt8) throws {
    let digits = try DataFolder(Repository.path("Datasets/mnist")).load(.test).prefix(400)
    let pixels = (0..<digits.count).flatMap { number in
      digits.withImage(number) { image in
        (0..<784).map { pixel(image, $0 / 28, $0 % 28) }
      }
    }
    try IDXWriter.writeImages(pixels, height: 28, width: 28, to: folder("train-images-idx3-ubyte"))
    try IDXWriter.writeLabels(digits.labels ?? [], to: folder("train-labels-idx1-ubyte"))
  }

  @Test func digitsThatDoNotStandUprightAreFound() throws {
    let noTest = "note files test: there are no test images"
    try writeDigits { image, row, column in image[28 * row + column] }
    #expect(try findings() == [noTest])
    try writeDigits { image, row, column in image[28 * column + row] }
    #expect(
      try findings() == [
        "wrong orientation train: the digits are transposed, as in EMNIST's files; an import can turn them",
        noTest,
      ])
    try writeDigits { image, row, column in 255 - image[28 * row + column] }
    #expect(
      try findings() == [
        "warning orientation train: the digits are dark on light ground, and MNIST's are light on dark",
        noTest,
      ])
    // Of what is neither nothing is said.
    try writeDigits { image, row, column in image[28 * column + 27 - row] }
    #expect(try findings() == [noTest])
  }

  @Test func aNameThatSaysEMNISTIsHeeded() throws {
    try write("emnist-letters-train", [0, 10], labels: [1, 2])
    try write("emnist-letters-test", [40, 50], labels: [1, 2])
    #expect(
      try findings(in: folder("emnist-letters")) == [
        "warning labels: no image is of class 0, as if labels began at 1; an import with labels from 1 mends it",
        "warning orientation: the files are named as EMNIST's, whose images are transposed; look at them, an import can turn them",
      ])
  }
}
