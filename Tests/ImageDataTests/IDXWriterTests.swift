import Files
import Foundation
import ImageData
import TestSupport
import Testing

@Suite("ImageDataTests: writer") struct IDXWriterTests {
  @Test func bytesAreThoseOfTheFormat() throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/f"
    func content() throws -> [UInt8] { try Array(Data(contentsOf: URL(fileURLWithPath: file))) }
    try IDXWriter.writeImages(Array(0..<12), height: 2, width: 2, to: file)
    #expect(try content() == threeImages)
    try IDXWriter.writeImages(Array(0..<12), height: 1, width: 2, channels: 3, to: file)
    #expect(try content() == idx([2052, 2, 1, 2, 3], Array(0..<12)))
    try IDXWriter.writeLabels([5, 0, 4], to: file)
    #expect(try content() == idx([2049, 3], [5, 0, 4]))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["f"])
  }

  @Test func whatCannotBeWrittenIsTold() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: FileError.self) {
      try IDXWriter.writeLabels([1], to: folder.path + "/none/f")
    }
    #expect(folder.sentence(error) == "none/f: the folder none does not exist")
  }
}
