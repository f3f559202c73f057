import Files
import ImageData
import TestSupport
import Testing

@Suite("ImageDataTests: class names") struct ClassNamesTests {
  @Test func numeralsAndFashion() {
    #expect(ClassNames.numerals(3).names == ["0", "1", "2"])
    #expect(ClassNames.fashionMNIST.count == 10)
    #expect(ClassNames.fashionMNIST[9] == "Ankle boot")
    #expect(ClassNames.fashionMNIST[10] == "10")
  }

  @Test(arguments: ["a\nb c", "a\nb c\n", "a\r\nb c\r\n\r\n", "a\nb c\n  \n\n"])
  func linesAreNames(_ text: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("classes.txt", Array(text.utf8))
    #expect(try ClassNames(reading: file).names == ["a", "b c"])
  }

  @Test(
    arguments: [
      ([], "classes.txt: expected class names in 1 to 65536 bytes, found 0"),
      (Array("\n\n".utf8), "classes.txt: expected 1 to 256 class names, one per line, found 0"),
      (
        Array(String(repeating: "x\n", count: 257).utf8),
        "classes.txt: expected 1 to 256 class names, one per line, found 257"
      ),
      (Array("a\n\nb".utf8), "classes.txt: line 2: expected a class name, found an empty line"),
      (
        Array("a\u{1b}[2J".utf8),
        "classes.txt: line 1: expected a class name, found a control character"
      ),
      ([0x61, 0xff], "classes.txt: expected text in UTF-8, found other bytes"),
    ] as [([UInt8], String)])
  func brokenFilesAreTold(_ bytes: [UInt8], _ sentence: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("classes.txt", bytes)
    let error = #expect(throws: FileError.self) { try ClassNames(reading: file) }
    #expect(folder.sentence(error) == sentence)
  }
}
