import Files
import Foundation
import ImageData
import TestSupport
import Testing

/// A file that is not as it should be, and what is said about it.
struct BrokenFile: CustomTestStringConvertible, Sendable {
  var bytes: [UInt8]
  var sentence: String
  var testDescription: String { sentence }

  init(_ bytes: [UInt8], _ sentence: String) { (self.bytes, self.sentence) = (bytes, sentence) }
}

@Suite("ImageDataTests: broken files") struct BrokenFileTests {
  static let images = [
    BrokenFile([], "f: expected an IDX header, found an empty file"),
    BrokenFile(
      [0, 0, 8], "f: header: expected 16 bytes, found 3; the file is cut short"),
    BrokenFile(
      Array(threeImages.prefix(10)),
      "f: header: expected 16 bytes, found 10; the file is cut short"),
    BrokenFile(
      idx([2052, 3, 2, 2]), "f: header: expected 20 bytes, found 16; the file is cut short"),
    BrokenFile(
      idx([2049, 3], [1, 2, 3]),
      "f: magic number: expected 2051 (3-D unsigned bytes), found 2049 (1-D unsigned bytes); is this the label file?"
    ),
    BrokenFile(
      idx([2050, 3, 4]),
      "f: magic number: expected 2051 (3-D unsigned bytes), found 2050 (2-D unsigned bytes); pixels have 3 or 4 dimensions"
    ),
    BrokenFile(
      idx([0x0d03, 3, 2, 2], [1, 2]),
      "f: pixels: expected 48 bytes (3 x 2 x 2), found 2; the file is cut short"
    ),
    BrokenFile(
      idx([0x0d02, 3, 2]),
      "f: magic number: expected 2051 (3-D unsigned bytes), found 3330 (2-D 32-bit floats); pixels have 3 or 4 dimensions"
    ),
    BrokenFile(
      idx([0x0b03, .max, .max, .max], [1]),
      "f: dimensions: expected a size below 2^63 bytes, found 4294967295 x 4294967295 x 4294967295"
    ),
    BrokenFile(
      idx([0x0e03, 3, 2, 2]),
      "f: magic number: expected 2051 (3-D unsigned bytes), found 3587 (3-D 64-bit floats); only unsigned bytes, 16-bit integers and 32-bit floats are read"
    ),
    BrokenFile(
      idx([0x0901]),
      "f: magic number: expected 2051 (3-D unsigned bytes), found 2305 (1-D signed bytes); only unsigned bytes, 16-bit integers and 32-bit floats are read"
    ),
    BrokenFile(
      Array("hello".utf8),
      "f: magic number: expected 2051 (3-D unsigned bytes), found 0x68656c6c; this is not an IDX file"
    ),
    BrokenFile(
      Array("<!DOCTYPE html>".utf8),
      "f: magic number: expected 2051 (3-D unsigned bytes), found 0x3c21444f; this is a web page, the download went wrong"
    ),
    BrokenFile(
      idx([0x504b_0304]),
      "f: magic number: expected 2051 (3-D unsigned bytes), found 0x504b0304; this is a zip archive, unpack it first"
    ),
    BrokenFile(
      [0, 0, 1, 2],
      "f: magic number: expected 2051 (3-D unsigned bytes), found 0x00000102; this is not an IDX file"
    ),
    BrokenFile(
      gzip(gzip(threeImages)),
      "f: magic number: expected 2051 (3-D unsigned bytes), found 0x1f8b0800; the file was compressed twice"
    ),
    BrokenFile(idx([2051, 0, 2, 2]), "f: number of images: expected at least 1, found 0"),
    BrokenFile(idx([2051, 3, 0, 2]), "f: height: expected at least 1, found 0"),
    BrokenFile(idx([2051, 3, 2, 0]), "f: width: expected at least 1, found 0"),
    BrokenFile(idx([2052, 3, 2, 2, 0]), "f: channels: expected at least 1, found 0"),
    BrokenFile(
      threeImages.dropLast(5).array,
      "f: pixels: expected 12 bytes (3 x 2 x 2), found 7; the file is cut short"),
    BrokenFile(
      threeImages + [0, 0], "f: pixels: expected 12 bytes (3 x 2 x 2), found 14"),
    BrokenFile(
      gzip(threeImages + [0, 0]), "f: pixels: expected 12 bytes (3 x 2 x 2), found more"),
    BrokenFile(
      gzip(threeImages.dropLast(5).array),
      "f: pixels: expected 12 bytes (3 x 2 x 2), found 7; the file is cut short"),
    BrokenFile(
      idx([2051, .max, .max, .max], [1]),
      "f: dimensions: expected a size below 2^63 bytes, found 4294967295 x 4294967295 x 4294967295"
    ),
    BrokenFile(
      idx([2051, .max, 1 << 16, 1 << 10], [1]),
      "f: pixels: expected 288230376084602880 bytes (4294967295 x 65536 x 1024), found 1; the file is cut short"
    ),
  ]

  static let labels = [
    BrokenFile([], "f: expected an IDX header, found an empty file"),
    BrokenFile([0, 0, 8, 1, 0], "f: header: expected 8 bytes, found 5; the file is cut short"),
    BrokenFile(
      threeImages,
      "f: magic number: expected 2049 (1-D unsigned bytes), found 2051 (3-D unsigned bytes); is this the image file?"
    ),
    BrokenFile(
      idx([2052, 1, 1, 1, 1], [0]),
      "f: magic number: expected 2049 (1-D unsigned bytes), found 2052 (4-D unsigned bytes); is this the image file?"
    ),
    BrokenFile(
      idx([2050, 3, 1]),
      "f: magic number: expected 2049 (1-D unsigned bytes), found 2050 (2-D unsigned bytes); labels have 1 dimension"
    ),
    BrokenFile(
      idx([0x0d05, 3, 1]),
      "f: magic number: expected 2049 (1-D unsigned bytes), found 3333 (5-D 32-bit floats); only unsigned bytes, and targets as 32-bit floats, are read"
    ),
    BrokenFile(
      idx([0x0b01, 3]),
      "f: magic number: expected 2049 (1-D unsigned bytes), found 2817 (1-D 16-bit integers); only unsigned bytes, and targets as 32-bit floats, are read"
    ),
    BrokenFile(
      idx([0x0d02, 3, 0]), "f: shape of a target: expected at least 1, found 0"),
    BrokenFile(idx([2049, 0]), "f: number of labels: expected at least 1, found 0"),
    BrokenFile(
      idx([2049, 3], [1]), "f: labels: expected 3 bytes, found 1; the file is cut short"),
    BrokenFile(idx([2049, 3], [1, 2, 3, 4]), "f: labels: expected 3 bytes, found 4"),
  ]

  @Test(arguments: images) func brokenImages(_ broken: BrokenFile) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("f", broken.bytes)
    let error = #expect(throws: FileError.self) { try ImageSet(images: file) }
    #expect(folder.sentence(error) == broken.sentence)
    #expect(error?.kind == .invalid)
  }

  @Test(arguments: labels) func brokenLabels(_ broken: BrokenFile) throws {
    let folder = try TemporaryFolder()
    let images = try folder.write("images", threeImages)
    let file = try folder.write("f", broken.bytes)
    let error = #expect(throws: FileError.self) { try ImageSet(images: images, labels: file) }
    #expect(folder.sentence(error) == broken.sentence)
    #expect(error?.kind == .invalid)
  }

  @Test func countsThatDiffer() throws {
    let folder = try TemporaryFolder()
    let images = try folder.write("images", threeImages)
    let labels = try folder.write("labels", idx([2049, 2], [0, 1]))
    let error = #expect(throws: FileError.self) { try ImageSet(images: images, labels: labels) }
    #expect(
      folder.sentence(error)
        == "labels: number of labels: expected 3, one for each image of images, found 2; the two files do not belong together"
    )
  }

  @Test func onlyRegularFilesAreRead() throws {
    let folder = try TemporaryFolder()
    let pipe = folder.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(
      folder.sentence(#expect(throws: FileError.self) { try ImageSet(images: pipe) })
        == "pipe: expected a regular file, found a pipe")
    #expect(
      #expect(throws: FileError.self) { try ImageSet(images: "/dev/zero") }?.description
        == "/dev/zero: expected a regular file, found a device")
    #expect(
      #expect(throws: FileError.self) { try ImageSet(images: "/") }?.description
        == "/: expected a regular file, found a folder")
    let missing = #expect(throws: FileError.self) { try ImageSet(images: folder.path + "/none") }
    #expect(folder.sentence(missing) == "none: cannot open: no such file or directory")
    #expect(missing?.kind == .missing)
  }

  @Test func aSparseFileOfATerabyteIsRefused() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("f", idx([2051, 1 << 20, 1 << 10, 1 << 10]))
    // Some file systems have no files of this size; then there is nothing to test.
    guard truncate(file, 16 + 1 << 40) == 0 else { return }
    // A machine that has so much memory would take minutes to read it.
    guard sysconf(Int32(_SC_PHYS_PAGES)) < 1 << 26 else { return }
    let error = #expect(throws: FileError.self) { try ImageSet(images: file) }
    #expect(error?.kind == .invalid)
    #expect(error?.description.hasPrefix("\(file): expected at most the ") == true)
    #expect(
      error?.description.hasSuffix(" bytes of this machine, found 1099511627776 bytes") == true)
  }
}

extension Sequence<UInt8> {
  var array: [UInt8] { Array(self) }
}
