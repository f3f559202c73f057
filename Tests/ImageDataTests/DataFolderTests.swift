import Files
import Foundation
import ImageData
import TestSupport
import Testing

@Suite("ImageDataTests: folders") struct DataFolderTests {
  private let images = threeImages
  private let labels = idx([2049, 3], [0, 1, 2])

  @Test(arguments: [
    ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", DataSplit.train),
    ("train-images.idx3-ubyte", "train-labels.idx1-ubyte.gz", .train),
    ("train-images-idx4-ubyte.gz", "train-labels-idx1-ubyte", .train),
    ("train-images.idx4-ubyte", "train-labels.idx1-ubyte", .train),
    ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", .test),
    ("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte", .test),
    ("test-images-idx3-ubyte", "test-labels-idx1-ubyte", .test),
    ("test-images.idx4-ubyte.gz", "test-labels.idx1-ubyte.gz", .test),
  ])
  func filesAreFound(_ imageName: String, _ labelName: String, _ split: DataSplit) throws {
    let folder = try TemporaryFolder()
    let imageFile = try folder.write(imageName, images)
    let labelFile = try folder.write(labelName, gzip(labels))
    let files = try DataFolder(folder.path).files(split)
    #expect(files.images == imageFile && files.labels == labelFile)
    let set = try DataFolder(folder.path + "/").load(split)
    #expect(set.count == 3 && set.labels == [0, 1, 2])
  }

  @Test func namesMayBeginWithThatOfTheSet() throws {
    let folder = try TemporaryFolder()
    for part in ["train", "test"] {
      _ = try folder.write("emnist-letters-\(part)-images-idx3-ubyte.gz", gzip(images))
      _ = try folder.write("emnist-letters-\(part)-labels-idx1-ubyte.gz", gzip(labels))
    }
    _ = try folder.write("readme-ubyte", [])
    for path in [folder.path, folder.path + "/", folder("emnist-letters")] {
      #expect(try DataFolder(path).load(.train).count == 3)
      #expect(
        try DataFolder(path).files(.test).labels
          .hasSuffix("/emnist-letters-test-labels-idx1-ubyte.gz"))
    }
    _ = try folder.write("classes.txt", Array("a\n".utf8))
    #expect(try DataFolder(folder.path).classNames() == ClassNames(["a"]))
    _ = try folder.write("emnist-letters-classes.txt", Array("b\n".utf8))
    #expect(try DataFolder(folder.path).classNames() == ClassNames(["b"]))
    #expect(
      folder.sentence(
        #expect(throws: FileError.self) { try DataFolder(folder("emnist")).load(.test) })
        == "emnist: cannot open the data folder: no such file or directory")
  }

  @Test func oneOfSeveralSetsIsNamed() throws {
    let folder = try TemporaryFolder()
    for set in ["b", "a-1"] {
      _ = try folder.write("\(set)-test-images-idx3-ubyte", images)
      _ = try folder.write("\(set)-test-labels-idx1-ubyte", labels)
    }
    let error = #expect(throws: FileError.self) { try DataFolder(folder.path).load(.test) }
    #expect(error?.kind == .invalid)
    #expect(
      error?.description.replacing(folder.path, with: "data")
        == "data: expected one data set, found 2: a-1, b; name one of them, as in data/a-1")
    #expect(try DataFolder(folder("a-1")).load(.test).count == 3)
    let missing = #expect(throws: FileError.self) { try DataFolder(folder("b")).load(.train) }
    #expect(
      folder.sentence(missing)
        == "b: train images: expected one of b-train-images-idx3-ubyte, b-train-images.idx3-ubyte, b-train-images-idx4-ubyte, b-train-images.idx4-ubyte, plain or with .gz, found none; the test images are there"
    )
    // Files without a set's name go before those with one.
    _ = try folder.write("test-images-idx3-ubyte", images)
    #expect(throws: FileError.self) { try DataFolder(folder.path).load(.test) }
    _ = try folder.write("test-labels-idx1-ubyte", labels)
    #expect(try DataFolder(folder.path).files(.test).images == folder("test-images-idx3-ubyte"))
  }

  @Test func plainGoesBeforeGzip() throws {
    let folder = try TemporaryFolder()
    for name in ["train-images-idx3-ubyte.gz", "train-images.idx3-ubyte"] {
      _ = try folder.write(name, images)
    }
    _ = try folder.write("train-labels-idx1-ubyte", labels)
    #expect(
      try DataFolder(folder.path).files(.train).images == folder.path + "/train-images.idx3-ubyte")
  }

  @Test(.enabled(if: geteuid() != 0, "root may look everywhere"))
  func aFolderThatMayNotBeLookedIntoIsNotEmpty() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("train-images-idx3-ubyte", images)
    chmod(folder.path, 0)
    defer { chmod(folder.path, 0o700) }
    let error = #expect(throws: FileError.self) { try DataFolder(folder.path).load(.train) }
    #expect(
      error?.description
        == "\(folder.path): cannot look into the data folder: permission denied")
  }

  @Test func aFileThatTheSystemCannotLookForIsNotMissing() throws {
    let folder = try TemporaryFolder()
    let name = "\(folder.path)/train-images-idx3-ubyte"
    // A link to itself.
    #expect(symlink("train-images-idx3-ubyte", name) == 0)
    let error = #expect(throws: FileError.self) { try DataFolder(folder.path).load(.train) }
    #expect(
      error?.description == "\(name): cannot open: too many levels of symbolic links")
  }

  @Test func whatIsMissingIsTold() throws {
    let folder = try TemporaryFolder()
    func sentence(_ split: DataSplit) -> String? {
      let error = #expect(throws: FileError.self) { try DataFolder(folder.path).load(split) }
      #expect(error?.kind == .missing)
      return error?.description.replacing(folder.path, with: "data")
    }
    let trainImages =
      "data: train images: expected one of train-images-idx3-ubyte, train-images.idx3-ubyte, train-images-idx4-ubyte, train-images.idx4-ubyte, plain or with .gz, found none"
    #expect(sentence(.train) == trainImages)
    _ = try folder.write("train-labels-idx1-ubyte", labels)
    #expect(sentence(.train) == trainImages + "; train-labels-idx1-ubyte is there")
    _ = try folder.write("t10k-images-idx3-ubyte.gz", images)
    #expect(
      sentence(.test)
        == "data: test labels: expected one of t10k-labels-idx1-ubyte, t10k-labels.idx1-ubyte, test-labels-idx1-ubyte, test-labels.idx1-ubyte, plain or with .gz, found none; t10k-images-idx3-ubyte.gz is there"
    )
  }

  @Test func theOtherPartIsAHint() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("test-images-idx3-ubyte", images)
    let error = #expect(throws: FileError.self) { try DataFolder(folder.path).files(.train) }
    #expect(error?.hint == "the test images are there")
  }

  @Test func aFolderIsNeeded() throws {
    let folder = try TemporaryFolder()
    let missing = #expect(throws: FileError.self) {
      try DataFolder(folder.path + "/none").load(.train)
    }
    #expect(
      folder.sentence(missing) == "none: cannot open the data folder: no such file or directory")
    #expect(missing?.kind == .missing)
    let file = try folder.write("file", images)
    let notAFolder = #expect(throws: FileError.self) { try DataFolder(file).load(.train) }
    #expect(
      folder.sentence(notAFolder)
        == "file: expected a folder with the data files, found a file; name the folder it is in")
  }

  @Test func classNamesComeFromTheFolder() throws {
    let folder = try TemporaryFolder()
    #expect(try DataFolder(folder.path).classNames() == nil)
    _ = try folder.write("classes.txt", Array("cat\ndog\n".utf8))
    #expect(try DataFolder(folder.path).classNames() == ClassNames(["cat", "dog"]))
  }
}
