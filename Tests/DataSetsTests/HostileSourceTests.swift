import CArchives
import Files
import Foundation
import ImageData
import TestSupport
import Testing

@testable import DataSets

/// Files that are not what they should be.
@Suite struct HostileSourceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [
    ("", "a.csv: expected rows of numbers, found an empty file"),
    ("label,p\n", "a.csv: expected rows of numbers, found names of columns only"),
    (
      "0,1,2\n",
      "a.csv: line 1: expected square images of 1 or 3 channels, found 2 pixels after the label"
    ),
    (
      "a,b\n1,2\n",
      "a.csv: line 1: expected square images of 1 or 3 channels, found 2 pixels, and no column label"
    ),
    ("p,label\n1,2\n", "a.csv: line 1, column 2: expected the label in column 1, found it here"),
    (
      "label,p\n0,256\n",
      "a.csv: line 2, column 2: expected a whole number from 0 to 255, found 256 or more"
    ),
    (
      "label,p\n0,1\n-1,2\n",
      "a.csv: line 3, column 1: expected a whole number from 0 to 255, found the character -"
    ),
    (
      "label,p\n0,1.0\n",
      "a.csv: line 2, column 2: expected a whole number from 0 to 255, found the character ."
    ),
    (
      "label,p\n0,\"1\"\n",
      "a.csv: line 2, column 2: expected a whole number from 0 to 255, found the character \""
    ),
    (
      "label,p\n0, 1\n",
      "a.csv: line 2, column 2: expected a whole number from 0 to 255, found a byte of value 32"
    ),
    (
      "label,p\n0,\n",
      "a.csv: line 2, column 2: expected a whole number from 0 to 255, found nothing"
    ),
    (
      "label,p\n\n0,1\n",
      "a.csv: line 2, column 1: expected a whole number from 0 to 255, found nothing"
    ),
    ("label,p\n0\n", "a.csv: line 2: expected 2 values, found 1"),
    ("label,p\n0,1,2\n", "a.csv: line 2: expected 2 values, found more"),
    (
      "label,p\n0,1\r2,3\n",
      "a.csv: line 2, column 2: expected a whole number from 0 to 255, found a byte of value 13"
    ),
    (
      "0,1\n0,2,\n", "a.csv: line 2, column 3: expected a whole number from 0 to 255, found nothing"
    ),
    (
      "-1,2\n3,4\n",
      "a.csv: line 1, column 1: expected a whole number from 0 to 255, found the character -"
    ),
    (
      "1,0.5\n3,4\n",
      "a.csv: line 1, column 2: expected a whole number from 0 to 255, found the character ."
    ),
  ])
  func aTableIsStrict(text: String, sentence: String) throws {
    _ = try folder.write("a.csv", Array(text.utf8))
    let error = #expect(throws: FileError.self) { try imported(folder("a.csv")) }
    #expect(folder.sentence(error) == sentence)
  }

  @Test func aTableMayEndAsItLikes() throws {
    for text in [
      "\u{FEFF}\"label\",p\r\n3,7\r\n", "label,0\n3,7", "label,p\n3,7", "3,7\r\n", "3,7",
    ] {
      _ = try folder.write("a.csv", Array(text.utf8))
      let set = try imported(folder("a.csv")).set.parts[.train]
      #expect(set?.labels == [3] && set?.withPixels { Array($0) } == [7], "\(text)")
    }
  }

  @Test(arguments: [
    (
      "fortran",
      "npz-fortran.npz: train_images: expected an array in C order, found one in Fortran order"
    ),
    (
      "big-endian",
      "npz-big-endian.npz: train_images: expected little-endian numbers or texts, found big-endian elements (>i4)"
    ),
    (
      "objects",
      "npz-objects.npz: train_images: expected little-endian numbers or texts, found Python objects (|O)"
    ),
    (
      "fractions",
      "npz-fractions.npz: train_images, number 0, counted from 0: expected a whole number from 0 to 255, found 0.5"
    ),
    (
      "negative",
      "npz-negative.npz: train_images, number 0, counted from 0: expected a whole number from 0 to 255, found -100"
    ),
    (
      "flat",
      "npz-flat.npz: train_images: expected [N, height, width] or [N, height, width, channels], 1 to 4 channels, found [12]"
    ),
    (
      "many-labels",
      "npz-many-labels.npz: train_labels: expected [2] or [2, 1], a label for each image, found [2, 2]"
    ),
    ("names", "npz-names.npz: expected an array train_images or x_train, found pictures"),
  ])
  func arraysThatAreNotReadAreNamed(name: String, sentence: String) throws {
    let file = Fixture.path("npz-\(name).npz")
    let found = complaint { try imported(file) }
    #expect(found.replacingOccurrences(of: Fixture.path(""), with: "") == sentence)
  }

  @Test func damagedArchivesAreRefused() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Fixture.path("medmnist.npz"))))
    func sentence(_ bytes: [UInt8]) throws -> String? {
      _ = try folder.write("a.npz", bytes)
      return folder.sentence(#expect(throws: FileError.self) { try imported(folder("a.npz")) })
    }
    #expect(
      try sentence(Array(bytes.dropLast(30)))
        == "a.npz: expected a sound zip file, found one that libzip refuses: Not a zip archive; the file is cut short or damaged"
    )
    var damaged = bytes
    // In the compressed data of the first member, after its name and numpy's extra field.
    damaged[120] ^= 255
    #expect(
      try sentence(damaged)?.hasPrefix(
        "a.npz: train_images.npy: expected a sound zip file, found one that libzip refuses: ")
        == true)
  }

  /// A member that states another size than it has, as far as it could be had.
  @Test func statedSizesAreNotBelieved() throws {
    var writer = ZipWriter(path: "a.npz")
    try writer.add("train_images.npy", [UInt8](repeating: 0, count: 100_000))
    let sound = try writer.finish()
    let size = withUnsafeBytes(of: UInt32(100_000).littleEndian) { Array($0) }
    let places = sound.indices.dropLast(4).filter { Array(sound[$0..<$0 + 4]) == size }
    #expect(places.count == 2)
    for isConfined in [true, false] where !isConfined || carchives_can_confine() {
      for (stated, words) in [
        (UInt32.max - 15, "a member of more bytes than it can have"),
        (50_000, "content of another size than is stated"),
      ] {
        var bytes = sound
        for place in places {
          withUnsafeBytes(of: stated.littleEndian) { for i in 0..<4 { bytes[place + i] = $0[i] } }
        }
        let sentence = complaint {
          try ZipArchive(bytes, path: "a.npz", isConfined: isConfined).content(ofMember: 0)
        }
        #expect(sentence.hasPrefix("a.npz: ") && sentence.contains(words), "\(sentence)")
      }
    }
  }

  @Test func cifarsFilesAreOfOneKind() throws {
    let (record, size) = ([UInt8](repeating: 1, count: 3073), 3073)
    for name in (1...5).map({ "data_batch_\($0).bin" }) { _ = try folder.write(name, record) }
    #expect(try imported(folder.path).set.splits == [.train])
    _ = try folder.write("data_batch_3.bin", Array(record.dropLast()))
    func sentence() -> String? {
      folder.sentence(#expect(throws: FileError.self) { try imported(folder.path) })
    }
    #expect(
      sentence()
        == "data_batch_3.bin: expected images of \(size) bytes each, found 3072 bytes in all; the file is cut short or another one"
    )
    _ = try folder.write("data_batch_3.bin", record + [10] + record.dropFirst())
    #expect(
      sentence()
        == "data_batch_3.bin: image 1, counted from 0: expected a label from 0 to 9, found 10")
    try FileManager.default.removeItem(atPath: folder("data_batch_3.bin"))
    #expect(sentence() == "data_batch_3.bin: cannot open: no such file or directory")
  }

  @Test(arguments: [
    ("1 65\n3 67\n", "m.txt: expected labels without gaps, found 2 labels"),
    (
      "1 65 97 3\n",
      "m.txt: line 1: expected a label from 0 to 255 and the codes of one or two characters, found 1 65 97 3"
    ),
    (
      "1 7\n",
      "m.txt: line 1: expected a label from 0 to 255 and the codes of one or two characters, found 1 7"
    ),
    ("\n", "m.txt: expected labels without gaps, found 0 labels"),
  ])
  func aMappingIsStrict(text: String, sentence: String) throws {
    _ = try folder.write("m.txt", Array(text.utf8))
    let error = #expect(throws: FileError.self) { try EMNISTMapping(reading: folder("m.txt")) }
    #expect(folder.sentence(error) == sentence)
  }

  @Test(arguments: [
    "{'descr': '|u1', 'fortran_order': False}", "{'descr': '|u1', 'fortran_order': 0, 'shape': ()}",
    "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)} x", "{'descr': '|u1'", "[]", "",
    "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,)}",
  ])
  func aHeaderIsStrict(text: String) throws {
    let bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
    #expect(throws: NPYHeader.Fault.self) { try NPYHeader(bytes) }
  }

  @Test func headersAreWrittenAsTheyAreRead() throws {
    for shape in [[], [3], [60_000, 28, 28], [1, 2, 3, 4]] {
      let bytes = NPYHeader.encoded(type: "<f4", shape: shape)
      let header = try NPYHeader(bytes + [1])
      #expect(header.type == "<f4" && header.shape == shape && !header.isFortranOrder)
      #expect(header.size == bytes.count && bytes.count % 64 == 0)
    }
  }
}
