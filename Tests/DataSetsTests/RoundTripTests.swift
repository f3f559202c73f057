import Files
import Foundation
import ImageData
import NeuralNetwork
import TestSupport
import Testing

@testable import DataSets

@Suite struct RoundTripTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Images of noise; class 3 has none.
  private func noise(_ count: Int, channels: Int, seed: UInt64) throws -> ImageSet {
    var random = CounterRandom(seed: seed, .test)
    let pixels = (0..<count * 16 * channels).map { _ in UInt8(random.below(256)) }
    let labels = (0..<count).map { _ in UInt8([0, 1, 2, 4][random.below(4)]) }
    return try ImageSet(pixels: pixels, labels: labels, height: 4, width: 4, channels: channels)
  }

  private func set(channels: Int, names: ClassNames?) throws -> DataSet {
    DataSet(
      parts: [
        .train: try noise(23, channels: channels, seed: 1),
        .test: try noise(11, channels: channels, seed: 2),
        .validation: try noise(5, channels: channels, seed: 3),
      ], classNames: names)
  }

  private static let names = ClassNames(["T-shirt/top", "<script>", "t-shirt_top", "a,\"b\"", "日本"])

  @Test(arguments: DataSet.ExportFormat.allCases, [1, 3])
  func whatIsExportedIsImportedTheSame(format: DataSet.ExportFormat, channels: Int) throws {
    let path = folder("out.\(format)")
    let set = try set(channels: channels, names: Self.names)
    try set.export(to: path, as: format)
    let data = try imported(path)
    #expect(data.set.digests == set.digests && data.set.classNames == Self.names)
    #expect(data.changes == [] && data.warnings == [])
    // The same bytes each time, in the place of the old ones.
    try set.export(to: path, as: format, replacing: true)
    #expect(try imported(path).set.digests == set.digests)
    #expect(try folder.names == ["out.\(format)"])
    let error = #expect(throws: FileError.self) { try set.export(to: path, as: format) }
    #expect(error?.kind == .inputOutput)
  }

  @Test(arguments: DataSet.ExportFormat.allCases)
  func classesNeedNoNames(format: DataSet.ExportFormat) throws {
    let set = try set(channels: 1, names: nil)
    try set.export(to: folder("out.\(format)"), as: format)
    let data = try imported(folder("out.\(format)"))
    #expect(data.set.digests == set.digests)
    // Folders have names.
    #expect(data.set.classNames == (format == .folders ? .numerals(5) : nil))
  }

  @Test(arguments: [false, true], [1, 3])
  func idxFilesAreTheSameToo(isCompressed: Bool, channels: Int) throws {
    let set = try set(channels: channels, names: Self.names)
    try set.write(to: folder("out"), isCompressed: isCompressed)
    let read = try DataSet(DataFolder(folder("out")))
    #expect(read.digests == set.digests && read.classNames == Self.names)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder("out")).sorted()
    let (type, end) = (channels == 1 ? "idx3" : "idx4", isCompressed ? ".gz" : "")
    #expect(
      names == ["classes.txt"]
        + ["t10k", "train", "validation"].flatMap {
          ["\($0)-images-\(type)-ubyte\(end)", "\($0)-labels-idx1-ubyte\(end)"]
        })
  }

  /// More than are decoded at once.
  @Test func manyPicturesKeepTheirOrder() throws {
    let images = try ImageSet(
      pixels: (0..<1400).map { UInt8($0 / 2 % 251) }, labels: (0..<700).map { UInt8($0 % 3) },
      height: 1, width: 2)
    let set = DataSet(parts: [.train: images])
    try set.export(to: folder("out"), as: .folders)
    #expect(try imported(folder("out")).set.digests == set.digests)
  }

  @Test func picturesWithoutLabelsHaveNoFolder() throws {
    let images = try ImageSet(pixels: [1, 2, 3, 4], height: 2, width: 2)
    let set = DataSet(parts: [.test: images])
    #expect(
      complaint { try set.export(to: folder("out"), as: .folders) }
        == "images in memory: expected images with labels, whose folders they go to, found images alone"
    )
    for format in [DataSet.ExportFormat.csv, .npz] {
      try set.export(to: folder("out.\(format)"), as: format)
      #expect(try imported(folder("out.\(format)")).set.digests == set.digests)
    }
    let four = try ImageSet(pixels: [1, 2, 3, 4], labels: [0], height: 1, width: 1, channels: 4)
    #expect(
      complaint { try DataSet(parts: [.test: four]).export(to: folder("o"), as: .folders) }
        == "images in memory: channels: expected 1 or 3, as pictures have, found 4")
  }

  /// Their number of values fits another size, or none.
  @Test(arguments: [[14, 14, 4], [14, 56, 1], [4, 3, 3], [5, 2, 1], [1, 1, 5], [2, 2, 7]])
  func imagesOfAnySizeComeBack(shape: [Int]) throws {
    let count = shape.reduce(1, *)
    let images = try ImageSet(
      pixels: (0..<2 * count).map { UInt8($0 % 251) }, labels: [1, 0], height: shape[0],
      width: shape[1], channels: shape[2])
    let set = DataSet(parts: [.train: images, .test: images])
    try set.export(to: folder("tables"), as: .csv)
    let read = try imported(folder("tables")).set
    #expect(read.digests == set.digests)
    #expect(
      read.parts[.test].map { [$0.height, $0.width, $0.channels] } == shape)
    guard shape[2] > 4 else {
      try set.export(to: folder("data.npz"), as: .npz)
      return #expect(try imported(folder("data.npz")).set.digests == set.digests)
    }
    #expect(
      complaint { try set.export(to: folder("data.npz"), as: .npz) }
        == "images in memory: channels: expected 1 to 4, as .npz files of images have, found \(shape[2]);"
        + " CSV files hold any number")
    #expect(try folder.names == ["tables"])
  }

  @Test func namesThatNoFileHoldsAreNotWritten() throws {
    let long = (0..<256).map { String($0 + 1000) + String(repeating: "n", count: 300) }
    for (names, message) in [
      (
        ClassNames(long),
        "expected class names of at most 65536 bytes, with an end of line each, found 78080"
      ),
      (ClassNames(["a", "b\nc"]), "line 2: expected a class name, found a control character"),
    ] {
      let set = DataSet(parts: [.train: try noise(3, channels: 1, seed: 1)], classNames: names)
      let error = #expect(throws: FileError.self) { try set.write(to: folder("out")) }
      #expect(folder.sentence(error) == "out/classes.txt: \(message)")
      for format in DataSet.ExportFormat.allCases {
        let error = #expect(throws: FileError.self) {
          try set.export(to: folder("out"), as: format)
        }
        #expect(
          folder.sentence(error) == "out\(format == .npz ? "" : "/classes.txt"): \(message)")
      }
    }
    #expect(try folder.names == [])
  }

  /// Another zip file is no export, whatever its name.
  @Test(arguments: ["[Content_Types].xml", "train_images.np"])
  func onlyAnArchiveOfArraysIsReplaced(member: String) throws {
    var other = ZipWriter(path: "other")
    try other.add(member, [1, 2, 3])
    let set = try set(channels: 1, names: nil)
    for bytes in [try other.finish(), Array("PK".utf8), []] {
      let path = try folder.write("out.npz", bytes)
      let error = #expect(throws: FileError.self) {
        try set.export(to: path, as: .npz, replacing: true)
      }
      #expect(
        folder.sentence(error)
          == "out.npz: expected an .npz file, which can be replaced, found another file")
      #expect(error?.kind == .inputOutput)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(bytes))
    }
  }

  @Test func onlyWhatWasWrittenSoIsReplaced() throws {
    let set = try set(channels: 1, names: nil)
    try set.write(to: folder("out"))
    _ = try folder.write("out/thesis.txt", [1])
    let error = #expect(throws: FileError.self) {
      try set.write(to: folder("out"), replacing: true)
    }
    #expect(
      folder.sentence(error)
        == "out: expected a folder that can be replaced, found thesis.txt, which was not written so"
    )
    #expect(error?.kind == .inputOutput)
    let other = #expect(throws: FileError.self) { try set.write(to: folder("out")) }
    #expect(
      folder.sentence(other)
        == "out: expected no such folder, or an empty one, found t10k-images-idx3-ubyte in it")
    try FileManager.default.removeItem(atPath: folder("out/thesis.txt"))
    // A plain file would go before the new gzip file.
    try set.write(to: folder("out"), isCompressed: true, replacing: true)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder("out"))
        .allSatisfy { $0.hasSuffix(".gz") })
    #expect(try folder.names == ["out"])
    try FileManager.default.createDirectory(
      atPath: folder("empty"), withIntermediateDirectories: true)
    try set.write(to: folder("empty/"))
    #expect(try DataSet(DataFolder(folder("empty"))).digests == set.digests)
  }

  @Test func whatFailsLeavesNothing() throws {
    let set = try set(channels: 1, names: nil)
    let error = #expect(throws: FileError.self) { try set.write(to: folder("none/out")) }
    #expect(folder.sentence(error) == "none/out: cannot write: no such file or directory")
    _ = try folder.write("file", [1])
    let other = #expect(throws: FileError.self) {
      try set.write(to: folder("file"), replacing: true)
    }
    #expect(
      folder.sentence(other) == "file: expected a path to a folder, found a regular file")
    #expect(try folder.names == ["file"])
  }
}
