import Testing

@testable import Files

@Suite struct ScratchFolderTests {
  @Test func aScratchFolderGoesWithItsFiles() throws {
    var path = ""
    do {
      let folder = try ScratchFolder()
      path = folder.path
      try folder.write([1, 2], to: "a")
      #expect(try WholeFile.read(folder("a")) == [1, 2])
      // What is there is never written over.
      #expect(throws: FileError.self) { try folder.write([3], to: "a") }
    }
    #expect(!path.isEmpty && !WholeFile.exists(path))
  }
}
