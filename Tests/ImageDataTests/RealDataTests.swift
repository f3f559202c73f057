import Files
import Foundation
import ImageData
import TestSupport
import Testing

@Suite("ImageDataTests: real data") struct RealDataTests {
  private static let mnist = DataFolder(
    #filePath.replacing("Tests/ImageDataTests/RealDataTests.swift", with: "Datasets/mnist"))
  private static let fashion = DataFolder("/usr/share/datasets/fashion-mnist")

  /// The digest of an IDX file's bytes, as `gzip -dc FILE | sha256sum` has it.
  private func digest(_ words: [UInt32], _ set: ImageSet) -> String {
    var digest = SHA256()
    idx(words).withUnsafeBytes { digest.update($0) }
    set.withPixels { digest.update(UnsafeRawBufferPointer($0)) }
    return digest.finalize().hexadecimal
  }

  @Test func mnistTrain() throws {
    let set = try Self.mnist.load(.train)
    #expect(shape(set) == [60000, 28, 28, 1])
    #expect(set.labels?.prefix(5) == [5, 0, 4, 1, 9])
    #expect(set.classCount == 10)
    try set.checkLabels(classes: 10)
    #expect(
      digest([2051, 60000, 28, 28], set)
        == "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db")
    // Python: the words 60000, 28, 28, 1, 60000, the pixels, the labels.
    #expect(
      set.identity().hexadecimal
        == "1c5b2bdcdb263351fe4d0931b01a315ea090f1be59b8b823c17c5348b8fc652d")
  }

  @Test func mnistTestPlainAndGzip() throws {
    let set = try Self.mnist.load(.test)
    #expect(shape(set) == [10000, 28, 28, 1])
    #expect(set.labels?.prefix(5) == [7, 2, 1, 0, 4])
    #expect(
      digest([2051, 10000, 28, 28], set)
        == "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7")
    let folder = try TemporaryFolder()
    try IDXWriter.writeImages(
      set.withPixels { Array($0) }, height: 28, width: 28,
      to: folder.path + "/test-images-idx3-ubyte")
    try IDXWriter.writeLabels(
      #require(set.labels), to: folder.path + "/test-labels-idx1-ubyte")
    let plain = try DataFolder(folder.path).load(.test)
    #expect(plain.identity() == set.identity())
    #expect(plain.labels == set.labels)
  }

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: fashion.path),
      "Debian's dataset-fashion-mnist is not installed"))
  func fashionMNIST() throws {
    let set = try Self.fashion.load(.test)
    #expect(shape(set) == [10000, 28, 28, 1])
    #expect(set.labels?.prefix(5) == [9, 2, 1, 1, 6])
    #expect(
      digest([2051, 10000, 28, 28], set)
        == "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b")
    #expect(try Self.fashion.load(.train).count == 60000)
    #expect(try Self.fashion.classNames() == nil)
  }
}
