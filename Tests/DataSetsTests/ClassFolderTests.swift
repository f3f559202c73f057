import Files
import Foundation
import ImageData
import TestSupport
import Testing

@testable import DataSets

@Suite struct ClassFolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes a picture of one shade.
  private func write(_ name: String, _ shade: UInt8, size: Int = 2, channels: Int = 1) throws {
    let path = folder(name)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try PNGImage(height: size, width: size, channels: channels, shade: shade).save(to: path)
  }

  private func sentence(_ change: (inout DataImport) -> Void = { _ in }) -> String? {
    folder.sentence(#expect(throws: FileError.self) { try imported(folder.path, change) })
  }

  @Test func namesAreOrderedAsPeopleDo() throws {
    for (name, shade) in [
      ("10/a10.png", 1), ("10/a2.png", 2), ("2/a1.png", 3), ("2/a2.PNG", 4), ("2/b.png", 5),
    ] as [(String, UInt8)] {
      try write(name, shade)
    }
    let data = try imported(folder.path)
    #expect(data.source == "folders of pictures" && data.warnings == [])
    #expect(data.set.classNames == ClassNames(["2", "10"]))
    let train = try #require(data.set.parts[.train])
    #expect(train.labels == [0, 0, 1, 1, 0])
    #expect((0..<5).map { train.withImage($0) { $0[0] } } == [3, 4, 2, 1, 5])
    #expect(train.height == 2 && train.width == 2 && train.channels == 1)
  }

  /// What version control and notebooks leave beside the folders would be class 0.
  @Test func hiddenFoldersAreNoClasses() throws {
    try write("cat/1.png", 1)
    try write("dog/1.png", 2)
    try write(".ipynb_checkpoints/1.png", 3)
    _ = try folder.write(".DS_Store", [])
    let data = try imported(folder.path)
    #expect(data.set.classNames == ClassNames(["cat", "dog"]) && data.warnings == [])
    #expect(data.set.parts[.train]?.labels == [0, 1])
  }

  @Test func foldersOfPartsAreRecognized() throws {
    try write("train/cat/1.png", 1)
    try write("train/dog/1.png", 2)
    try write("Testing/dog/1.png", 3)
    try write("valid/emu/1.png", 4, channels: 3)
    _ = try folder.write("notes.txt", [])
    _ = try folder.write("train/cat/.hidden", [])
    let data = try imported(folder.path)
    #expect(data.set.classNames == ClassNames(["cat", "dog", "emu"]))
    #expect(data.set.parts.mapValues(\.labels) == [.train: [0, 1], .test: [1], .validation: [2]])
    // Where one is coloured, all are.
    #expect(data.set.parts.values.allSatisfy { $0.channels == 3 })
    #expect(data.warnings == [.leftOut(1, such: folder("notes.txt"))])
    #expect(
      try imported(folder.path) { $0.form = ImageForm(channels: 1) }.set.parts[.test]?.channels == 1
    )
  }

  /// PNG files share a process, and others do not: they keep their order.
  @Test func kindsOfPicturesMayBeMixed() throws {
    try write("a/1.png", 1)
    _ = try folder.write("a/2.pgm", Array("P5 2 2 255\n".utf8) + [2, 2, 2, 2])
    try write("a/3.png", 3)
    _ = try folder.write("a/4.PGM", Array("P2 2 2 255 4 4 4 4".utf8))
    let train = try #require(try imported(folder.path).set.parts[.train])
    #expect((0..<4).map { train.withImage($0) { $0[0] } } == [1, 2, 3, 4])
  }

  @Test func aClassMayBeCalledTrain() throws {
    try write("train/1.png", 1)
    try write("bus/1.png", 2)
    let data = try imported(folder.path)
    #expect(data.set.classNames == ClassNames(["bus", "train"]))
    #expect(data.set.parts[.train]?.labels == [0, 1])
  }

  @Test func picturesHaveOneSizeOrAreScaled() throws {
    try write("a/1.png", 7)
    try write("a/2.png", 9, size: 3)
    #expect(
      sentence()
        == "a/2.png: size: expected 2×2, as a/1.png has, found 3×3; all can be scaled to one size"
    )
    let scaled = try imported(folder.path) { $0.size = PictureSize(height: 5, width: 4) }
    let train = try #require(scaled.set.parts[.train])
    #expect(train.height == 5 && train.width == 4)
    #expect((0..<2).map { train.withImage($0) { Set($0) } } == [[7], [9]])
  }

  @Test func foldersAreHeldToTheNames() throws {
    try write("cat/1.png", 7)
    try write("dog/1.png", 9)
    _ = try folder.write("classes.txt", Array("dog\nemu\ncat\n".utf8))
    #expect(try imported(folder.path).set.parts[.train]?.labels == [0, 2])
    _ = try folder.write("classes.txt", Array("dog\n".utf8))
    #expect(
      sentence() == "classes.txt: expected a name for each folder of a class, found none for cat")
  }

  @Test func damagedPicturesAreNamed() throws {
    try write("a/1.png", 7)
    _ = try folder.write("a/2.png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    #expect(sentence()?.hasPrefix("a/2.png: expected a PNG picture, found ") == true)
  }

  @Test func foldersHaveSafeNames() {
    func names(_ names: String...) -> [String] { FolderNames.of(ClassNames(names)) }
    #expect(names("cat", "T-shirt/top", "<script>") == ["cat", "T-shirt_top", "_script_"])
    #expect(
      names("..", ".", "../../etc", " a ", "-rf") == [
        "_", "_-2", "_.._etc".replacing("_.._", with: "__.._"), "_a", "_rf",
      ])
    #expect(names("A", "a", "a-2") == ["A", "a-2", "a-2-2"])
    #expect(names("CON", "nul.txt", "com1", "com10") == ["CON_", "nul.txt_", "com1_", "com10"])
    #expect(names("été", "日本", "a\u{202E}b") == ["été", "日本", "a_b"])
    #expect(names(String(repeating: "é", count: 200))[0].utf8.count == 200)
  }

  @Test(arguments: [
    (["10", "9", "1"], ["1", "9", "10"]), (["a10b2", "a10b10", "a9"], ["a9", "a10b2", "a10b10"]),
    (["01", "1", "001", "2"], ["1", "01", "001", "2"]),
    (["b", "a1", "a", "B"], ["B", "a", "a1", "b"]),
    (
      ["x18446744073709551617", "x18446744073709551616"],
      ["x18446744073709551616", "x18446744073709551617"]
    ),
  ])
  func numbersAreOrderedByTheirValue(names: [String], sorted: [String]) {
    #expect(names.sorted(by: isInNaturalOrder) == sorted)
    #expect(names.reversed().sorted(by: isInNaturalOrder) == sorted)
  }
}
