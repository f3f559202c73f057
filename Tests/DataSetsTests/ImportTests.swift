import DataSets
import Files
import Foundation
import ImageData
import TestSupport
import Testing

/// Files in the forms of their publishers.
@Suite struct ImportTests {
  @Test func kagglesFilesAreRead() throws {
    let data = try imported(Fixture.path("kaggle"))
    #expect(data.source == "CSV" && data.changes == [] && data.warnings == [])
    #expect(data.set.splits == [.train, .test] && data.set.classNames == nil)
    let train = try Fixture.set(.train, 6, 4, 4, labels: [0, 1, 2, 0, 1, 2])
    let test = try Fixture.set(.test, 2, 4, 4, labels: nil)
    #expect(data.set.parts[.train]?.sha256 == train.sha256)
    #expect(data.set.parts[.test]?.sha256 == test.sha256)
  }

  @Test func rowsWithoutNamesBeginWithTheLabel() throws {
    let data = try imported(Fixture.path("plain/mnist_train.csv.gz"))
    let train = try Fixture.set(.train, 6, 4, 4, labels: [0, 1, 2, 0, 1, 2])
    #expect(data.set.digests == [.train: train.sha256])
    #expect(try imported(Fixture.path("plain")).set.digests == data.set.digests)
    let flat = try imported(Fixture.path("plain")) {
      $0.form = ImageForm(size: PictureSize(height: 2, width: 8))
    }
    #expect(flat.set.parts[.train]?.height == 2 && flat.set.parts[.train]?.width == 8)
    #expect(
      complaint {
        try imported(Fixture.path("plain")) {
          $0.form = ImageForm(size: PictureSize(height: 3, width: 8))
        }
      }.hasSuffix(
        "mnist_train.csv.gz: line 1: expected images of 3×8 of 1 or 3 channels, found 16 pixels after"
          + " the label"))
  }

  @Test func medMNISTIsRead() throws {
    let data = try imported(Fixture.path("medmnist.npz"))
    #expect(data.source == "a NumPy archive")
    let parts = try [
      DataSplit.train: Fixture.set(.train, 6, 4, 5, 3, labels: [0, 1, 2, 0, 1, 2]),
      .validation: Fixture.set(.validation, 3, 4, 5, 3, labels: [0, 1, 2]),
      .test: Fixture.set(.test, 3, 4, 5, 3, labels: [0, 1, 2]),
    ]
    #expect(data.set.digests == parts.mapValues(\.sha256))
    let dropped = try imported(Fixture.path("medmnist.npz")) { $0.validation = .drop }
    #expect(dropped.set.splits == [.train, .test])
    #expect(dropped.changes == ["validation images left out"])
    let merged = try imported(Fixture.path("medmnist.npz")) { $0.validation = .merge }
    let both = try ImageSet(
      pixels: Fixture.pixels(.train, 6, 4, 5, 3) + Fixture.pixels(.validation, 3, 4, 5, 3),
      labels: [0, 1, 2, 0, 1, 2, 0, 1, 2], height: 4, width: 5, channels: 3)
    #expect(
      merged.set.parts[.train]?.sha256 == both.sha256 && merged.set.splits == [.train, .test])
  }

  @Test func otherNumbersAreTakenWhereTheyAreBytes() throws {
    let data = try imported(Fixture.path("keras.npz"))
    let parts = try [
      DataSplit.train: Fixture.set(.train, 6, 4, 4, labels: [0, 1, 2, 0, 1, 2]),
      .test: Fixture.set(.test, 3, 4, 4, labels: [0, 1, 2]),
    ]
    #expect(data.set.digests == parts.mapValues(\.sha256))
  }

  @Test func namesOfClassesMayBeInAnArchive() throws {
    let data = try imported(Fixture.path("npz-class-names.npz"))
    #expect(data.set.classNames == ClassNames(["café", "<script>"]))
    #expect(data.set.parts[.train]?.labels == [1, 0])
  }

  @Test func planesOfCIFARBecomePixels() throws {
    let data = try imported(Fixture.path("cifar-10"))
    #expect(data.source == "CIFAR-10")
    let parts = try [
      DataSplit.train: Fixture.set(.train, 5, 32, 32, 3, labels: [0, 2, 4, 6, 8]),
      .test: Fixture.set(.test, 1, 32, 32, 3, labels: [9]),
    ]
    #expect(data.set.digests == parts.mapValues(\.sha256))
    #expect(data.set.classNames?.count == 10 && data.set.classNames?[9] == "truck")
  }

  @Test func cifar100HasTwoKindsOfLabels() throws {
    let fine = try imported(Fixture.path("cifar-100"))
    #expect(fine.source == "CIFAR-100")
    #expect(fine.set.parts[.train]?.labels == [99, 42] && fine.set.parts[.test]?.labels == [7])
    #expect(fine.set.classNames?.count == 100 && fine.set.classNames?[42] == "fine 42")
    #expect(
      fine.set.parts[.train]?.sha256
        == (try Fixture.set(.train, 2, 32, 32, 3, labels: [99, 42])).sha256)
    let coarse = try imported(Fixture.path("cifar-100")) { $0.hasCoarseLabels = true }
    #expect(coarse.set.parts[.train]?.labels == [19, 3] && coarse.set.parts[.test]?.labels == [0])
    #expect(fine.warnings == [] && coarse.warnings == [])
    #expect(coarse.set.classNames?.count == 20 && coarse.set.classNames?[3] == "super 3")
  }

  @Test func emnistIsLeftAsItIsUnlessAsked() throws {
    let upright = try Fixture.set(.train, 6, 4, 4, labels: [0, 1, 2, 0, 1, 2])
    for name in ["emnist", "emnist/emnist-letters"] {
      let path = Fixture.path(name)
      let asIs = try imported(path)
      #expect(asIs.source == "IDX files" && asIs.changes == [])
      #expect(asIs.warnings == [.namedEMNIST(path), .noClassZero(lowest: 1)])
      #expect(asIs.set.parts[.train]?.labels == [1, 2, 3, 1, 2, 3])
      let turned = try imported(path) { $0.isEMNIST = true }
      #expect(turned.changes == ["transposed", "labels counted from 1"] && turned.warnings == [])
      #expect(turned.set.parts[.train]?.sha256 == upright.sha256)
      #expect(turned.set.classNames == ClassNames(["A", "B", "C"]))
      let byHand = try imported(path) { ($0.isTransposed, $0.firstLabel) = (true, 1) }
      #expect(byHand.set.digests == turned.set.digests && byHand.set.classNames == nil)
    }
    #expect(
      complaint { try imported(Fixture.path("emnist")) { $0.firstLabel = 2 } }
        .hasSuffix(
          "-train-labels-idx1-ubyte.gz: label 0, counted from 0: expected at least 2, from which the"
            + " labels are counted, found 1"))
  }

  /// The names that the MNIST tables of Kaggle have which name rows and columns.
  @Test func theNamesOfColumnsStateASize() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "train.csv", Array("label,1x1,1x2,2x1,2x2,3x1,\"3x2\"\n1,1,2,3,4,5,6\n".utf8))
    func size(_ form: ImageForm = ImageForm()) throws -> [Int]? {
      try imported(path) { $0.form = form }.set.parts[.train].map {
        [$0.height, $0.width, $0.channels]
      }
    }
    #expect(try size() == [3, 2, 1])
    // What the user states goes before it.
    #expect(try size(ImageForm(size: PictureSize(height: 2, width: 3))) == [2, 3, 1])
    #expect(try size(ImageForm(size: PictureSize(height: 1, width: 2), channels: 3)) == [1, 2, 3])
    // A size of other images is none.
    for name in [
      "3x3", "6", "0x6", "-3x-2", "3x2x1x1", "3xx2", "9223372036854775807x2",
      "67108864x67108864x67108864",
    ] {
      _ = try folder.write("train.csv", Array("a,b,c,d,e,\(name)\n1,2,3,4,5,6\n".utf8))
      #expect(
        complaint { try imported(path) }
          == "\(path): line 1: expected square images of 1 or 3 channels, found 6 pixels, and no column"
          + " label")
    }
  }

  @Test func theLowestLabelIsNamed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("train.csv", Array("5,1\n3,2\n".utf8))
    let warnings = try imported(path).warnings
    #expect(warnings == [.noClassZero(lowest: 3)])
    #expect(
      warnings.first?.description == "no image is of a class below 3, as if labels began at 3")
    #expect(try imported(path) { $0.firstLabel = 3 }.warnings == [])
    // Who states where they begin knows it.
    #expect(try imported(path) { $0.firstLabel = 1 }.warnings == [])
  }

  @Test func transposedDigitsAreWarnedOf() throws {
    let mnist = Repository.path("Datasets/mnist")
    #expect(try imported(mnist).warnings == [])
    let turned = try imported(mnist) { $0.isTransposed = true }
    #expect(turned.warnings == [.transposedDigits] && turned.changes == ["transposed"])
    #expect(turned.warnings[0].description == "the digits look transposed")
  }

  @Test func testImagesAreSetAside() throws {
    func split(_ seed: UInt64) throws -> DataSet {
      try imported(Fixture.path("plain")) { ($0.testShare, $0.seed) = (0.33, seed) }.set
    }
    let set = try split(1)
    let (train, test) = (try #require(set.parts[.train]), try #require(set.parts[.test]))
    #expect(train.count == 4 && test.count == 2)
    // Every image of the fixture begins with another pixel.
    func firsts(_ set: ImageSet) -> [UInt8] { (0..<set.count).map { set.withImage($0) { $0[0] } } }
    #expect(firsts(train) == firsts(train).sorted() && firsts(test) == firsts(test).sorted())
    #expect((firsts(train) + firsts(test)).sorted() == [0, 37, 74, 111, 148, 185])
    #expect(try split(1).digests == set.digests)
    #expect(try (2..<12).contains { try split($0).digests != set.digests })
    #expect(
      complaint { try imported(Fixture.path("medmnist.npz")) { $0.testShare = 0.1 } }
        .hasSuffix(
          ": expected training images alone, of which to take some, found test images as well"))
    #expect(
      complaint { try imported(Fixture.path("plain")) { $0.testShare = 0.01 } }
        .hasSuffix(": expected images that leave some on both sides of a share of 0.01, found 6"))
  }

  @Test func withoutTrainingImagesNoneAreSetAside() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("val.csv", Array("0,1\n1,2\n".utf8))
    let error = #expect(throws: FileError.self) {
      try imported(folder.path) { $0.testShare = 0.5 }
    }
    #expect(
      folder.sentence(error)
        == "val.csv: expected training images, of which to take some, found none")
  }

  @Test func classesAreNamed() throws {
    let names = ClassNames(["a", "b", "c"])
    #expect(try imported(Fixture.path("plain")) { $0.classNames = names }.set.classNames == names)
    #expect(
      complaint { try imported(Fixture.path("plain")) { $0.classNames = ClassNames(["a", "b"]) } }
        .hasSuffix(
          "mnist_train.csv.gz: label 2, counted from 0: expected one of the 2 classes that have"
            + " names, found 2"))
  }
}
