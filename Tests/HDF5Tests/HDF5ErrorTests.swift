import CHDF5
import Files
import Foundation
import Testing

@testable import HDF5

@Suite struct HDF5ErrorTests {
  /// The sentence that reading gives.
  private func complaint(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func everyFlippedByteIsFound() throws {
    let image = try HDF5RoundTripTests.sample()
    for place in image.indices {
      var damaged = image
      damaged[place] ^= 1 << (place % 8)
      #expect(throws: FileError.self, "byte \(place)") {
        _ = try HDF5File(image: damaged, path: "a.h5")
      }
    }
  }

  @Test func everyTruncationIsFound() throws {
    let image = try HDF5RoundTripTests.sample()
    for length in stride(from: 0, to: image.count, by: 37) {
      #expect(throws: FileError.self, "\(length) bytes") {
        _ = try HDF5File(image: Array(image[..<length]), path: "a.h5")
      }
    }
  }

  @Test func damageIsNamed() throws {
    var image = try HDF5RoundTripTests.sample()
    image[image.count - 1] ^= 1
    let text = complaint { _ = try HDF5File(image: image, path: "a.h5") }
    #expect(text.hasPrefix("a.h5: digest: expected the SHA-256 that the file states, found "))
    #expect(text.hasSuffix("; the file is damaged; use an earlier copy"))
  }

  @Test func otherFilesAreNamed() throws {
    #expect(
      complaint { _ = try HDF5File(image: [], path: "a.h5") }
        == "a.h5: expected an HDF5 file, found an empty file")
    #expect(
      complaint { _ = try HDF5File(image: Array("hello, world".utf8), path: "a.h5") }
        == "a.h5: expected an HDF5 file, found no HDF5 signature; is this a checkpoint? minicnn convert makes one of another program's model"
    )
    #expect(
      complaint { _ = try HDF5File(reading: "no/such.h5") }
        == "no/such.h5: cannot open: no such file or directory")
  }

  @Test func shapesAndTypesAreChecked() throws {
    let file = try HDF5File(image: try HDF5RoundTripTests.sample(), path: "a.h5")
    func sentence(_ name: String, _ shape: [Int]) -> String {
      do {
        _ = try file.read(name, as: Float.self, shape: shape)
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      sentence("/layers/dense/vars/0", [4, 3])
        == "a.h5: /layers/dense/vars/0: expected a float array of shape [4, 3], found a 32-bit float array of shape [3, 4]"
    )
    #expect(
      sentence("/unsigned", [2])
        == "a.h5: /unsigned: expected a float array of shape [2], found an unsigned 64-bit integer array of shape [2]"
    )
    #expect(sentence("/layers", [2]) == "a.h5: /layers: expected a dataset, found a group")
    #expect(sentence("/nothing", [2]) == "a.h5: /nothing: expected a dataset, found nothing")
  }

  @Test func aTextThatHDF5WouldCutIsRefused() throws {
    let writer = try HDF5Writer(path: "a.h5")
    let error = #expect(throws: FileError.self) { try writer.write(["a", "b\0c"], to: "/texts") }
    #expect(
      error?.description
        == "a.h5: /texts: expected texts without the character U+0000, which HDF5 ends a text with, found one with it"
    )
  }

  @Test func aNameTakenIsNamed() throws {
    let writer = try HDF5Writer(path: "a.h5")
    try writer.createGroup("/a")
    let error = #expect(throws: FileError.self) { try writer.createGroup("/a") }
    #expect(error?.description == "a.h5: /a: cannot create the group: name already exists")
    #expect(error?.kind == .inputOutput)
  }

  /// The kind of a file is seen in its first bytes: one that no memory holds is as quick as any.
  @Test(arguments: [
    (Array("MiniCNN 1".utf8), true), ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], true),
    ([0x89, 0x48, 0x44, 0x46], false), (Array("MiniCN".utf8), false), ([], false),
  ])
  func theFirstBytesSayWhetherItIsHDF5(start: [UInt8], isHDF5: Bool) throws {
    let path = NSTemporaryDirectory() + "minicnn-\(UUID().uuidString)"
    defer { unlink(path) }
    try Data(start).write(to: URL(fileURLWithPath: path))
    #expect(try SealedImage.isHDF5(path) == isHDF5)
    #expect(truncate(path, 1 << 35) == 0)
    #expect(try SealedImage.isHDF5(path) == isHDF5)
  }

  @Test(arguments: [
    (CHDF5_CRASHED, Int32(11), "content that crashes the HDF5 library (signal 11)"),
    (CHDF5_EXHAUSTED, 3, "content that keeps the HDF5 library busy for over 3 s"),
    (CHDF5_SILENT, 0, "content that the HDF5 library gives no answer to"),
    (CHDF5_NONSENSE, 0, "content that confuses the HDF5 library"),
  ])
  func theEndOfTheReadingProcessIsNamed(code: chdf5_code, number: Int32, found: String) {
    var error = chdf5_error()
    error.code = code
    error.number = number
    #expect(
      FileError(error, .inputOutput, file: "a.h5")
        == FileError(
          .invalid, file: "a.h5", expected: "an HDF5 file", found: found,
          hint: "the file is damaged"))
  }

  @Test func aProcessThatWasKilledSaysNothingOfTheFile() {
    var error = chdf5_error()
    error.code = CHDF5_KILLED
    error.number = SIGKILL
    let sentence = FileError(error, .invalid, file: "a.h5")
    #expect(
      sentence.description
        == "a.h5: the process that reads it was killed; the system may be out of memory")
    #expect(sentence.kind == .inputOutput)
  }

  @Test func aRefusalOfTheSystemIsNamed() {
    var error = chdf5_error()
    error.code = CHDF5_SYSTEM
    error.number = EPERM
    withUnsafeMutableBytes(of: &error.operation) {
      $0.copyBytes(from: "confine the process that reads it (limit its memory)".utf8)
    }
    let sentence = FileError(error, .invalid, file: "a.h5")
    #expect(
      sentence.description
        == "a.h5: cannot confine the process that reads it (limit its memory): operation not permitted"
    )
    #expect(sentence.kind == .inputOutput)
  }
}
