import DataSets
import Files
import Foundation
import ImageData
import TestSupport
import Testing

/// Sources and settings that are none, or do not go together.
@Suite struct ImportRefusalTests {
  @Test func whatASourceHasNoUseForIsRefused() throws {
    func sentence(_ name: String, _ change: (inout DataImport) -> Void) -> String {
      complaint { try imported(Fixture.path(name), change) }
        .replacing(Fixture.path(name), with: name)
    }
    let size = PictureSize(height: 2, width: 2)
    let form = ImageForm(size: size)
    let sources = [
      ("medmnist.npz", "a NumPy archive"), ("emnist", "IDX files"), ("cifar-10", "CIFAR"),
      ("plain", "CSV"),
    ]
    for (name, title) in sources {
      #expect(
        sentence(name) { $0.size = size }
          == "\(name): size: expected folders of pictures, to which alone it applies, found \(title)"
      )
    }
    for (name, title) in sources.dropLast() {
      #expect(
        sentence(name) { $0.form = form }
          == "\(name): height and width: expected CSV, to which alone it applies, found \(title)")
      #expect(
        sentence(name) { $0.form = ImageForm(channels: 1) }
          == "\(name): channels: expected CSV or folders of pictures, to which alone it applies, found"
          + " \(title)")
    }
    #expect(
      sentence("plain") { $0.hasCoarseLabels = true }
        == "plain: coarse labels: expected CIFAR, to which alone it applies, found CSV")
  }

  /// A table may list the pictures that are beside it.
  @Test func tablesBesidePicturesAreAmbiguous() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("labels_test.csv", Array("label,a\n0,1\n".utf8))
    try FileManager.default.createDirectory(
      atPath: folder("notes"), withIntermediateDirectories: true)
    #expect(try imported(folder.path).source == "CSV")
    for picture in ["cats/1.png", "train/cats/1.png"] {
      let path = (folder(picture) as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try PNGImage(height: 2, width: 2, channels: 1, shade: 3).save(to: folder(picture))
      let top = String(picture.prefix { $0 != "/" })
      #expect(
        complaint { try imported(folder.path) }
          == "\(folder.path): expected CSV files or folders of pictures, found both, labels_test.csv and"
          + " \(top); state the format, csv or folders")
      #expect(try imported(folder.path) { $0.format = .folders }.source == "folders of pictures")
      #expect(try imported(folder.path) { $0.format = .csv }.source == "CSV")
      try FileManager.default.removeItem(atPath: folder(top))
    }
  }

  @Test func sourcesThatAreNoneAreRefused() throws {
    let folder = try TemporaryFolder()
    func sentence(_ name: String) -> String? {
      folder.sentence(#expect(throws: FileError.self) { try imported(folder(name)) })
    }
    #expect(sentence("none") == "none: cannot open: no such file or directory")
    _ = try folder.write("image.bin", [1, 2, 3])
    #expect(
      sentence("image.bin")
        == "image.bin: expected a folder, or a file named .csv, .csv.gz or .npz, found another file;"
        + " for IDX files and CIFAR's name the folder they are in")
    #expect(
      complaint { try imported(folder.path) }
        == "\(folder.path): expected a folder of pictures for each class, found no folders")
    for (name, other) in [("train.csv", "a_train.csv"), ("b.csv", "b.csv")] {
      _ = try folder.write(name, Array("0,1\n".utf8))
      _ = try folder.write(other, Array("0,1\n".utf8))
    }
    #expect(
      complaint { try imported(folder.path) }
        == "\(folder.path): train images: expected one CSV file, found a_train.csv and train.csv;"
        + " name one of them")
  }
}
