import Foundation
import TestSupport
import Testing

/// The commands for data sets.
@Suite struct DataTests {
  private static func fixture(_ name: String) -> String {
    Repository.path("Tests/DataSetsTests/Fixtures/\(name)")
  }

  @Test func aDataSetIsChecked() throws {
    let place = try Workplace()
    let mnist = Repository.path("Datasets/mnist")
    let sound = try place.run("data check \(mnist)")
    #expect(sound.status == 0 && sound.errors == "")
    #expect(
      sound.output.hasPrefix(
        "part   images  size     SHA-256\ntrain  60,000  28×28×1  1c5b2bdcdb26\n"))
    #expect(sound.output.contains("\n0      5,923   9.87 %    980   9.80 %\n"))
    #expect(
      sound.output.hasSuffix(
        "\nnote: identity train MNIST's training set, unchanged\n"
          + "note: identity test  MNIST's test set, unchanged\n"))
    try place.write(
      try place.bytes("data/train-images-idx3-ubyte").dropLast(), to: "data/train-images-idx3-ubyte"
    )
    let wrong = try place.run("data check data")
    #expect(wrong.status == 1)
    #expect(
      wrong.output.contains(
        "wrong: files train data/train-images-idx3-ubyte: pixels: expected 6144 bytes (96 x 8 x 8), found 6143; the file is cut short\n"
      ))
    #expect(wrong.errors == "error: data: 1 finding of what is wrong\n")
    let json = try place.run("data check data --json").json()
    #expect(json["sound"] as? Bool == false && json["data"] as? String == "data")
    let findings = try #require(json["findings"] as? [[String: Any]])
    #expect(
      findings[0]["severity"] as? String == "wrong" && findings[0]["part"] as? String == "train")
    let classes = try #require(json["classes"] as? [[String: Any]])
    #expect(classes.count == 4 && (classes[0]["counts"] as? [Int])?.count == 1)
    let missing = try place.run("data check nothing/")
    #expect(missing.status == 66)
    #expect(
      missing.errors == "error: nothing/: cannot open the data folder: no such file or directory\n")
  }

  @Test func aDataSetIsImported() throws {
    let place = try Workplace()
    let outcome = try place.run("data import \(Self.fixture("kaggle")) out --test-share 0.5")
    #expect(outcome.status == 65)
    let kaggle = try place.run("data import \(Self.fixture("kaggle")) kaggle")
    #expect(
      kaggle.output == "kaggle: 6 training and 2 test images of 4×4×1 in 3 classes, from CSV\n"
        + "  the test images have no labels, for prediction alone\n")
    #expect(try place.run("data check kaggle").status == 0)
    let csv = try place.run("data import \(Self.fixture("plain")) out --test-share 0.5 --seed 3")
    #expect(csv.status == 0 && csv.errors == "")
    #expect(
      csv.output == "out: 3 training and 3 test images of 4×4×1 in 3 classes, from CSV\n"
        + "  test images taken from the training images\n")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: place("out")).sorted() == [
        "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
      ])
    let again = try place.run("data import \(Self.fixture("plain")) out")
    #expect(again.status == 64)
    #expect(again.errors == "error: out: already exists; --overwrite replaces it\n")
    let npz = try place.run(
      "data import \(Self.fixture("medmnist.npz")) out --validation merge --gzip --overwrite --json"
    )
    #expect(npz.status == 0)
    let json = try npz.json()
    #expect(json["source"] as? String == "a NumPy archive" && json["classes"] as? Int == 3)
    #expect(json["changes"] as? [String] == ["validation images merged into the training images"])
    let parts = try #require(json["parts"] as? [[String: Any]])
    #expect(parts.map { $0["images"] as? Int } == [9, 3] && parts[0]["channels"] as? Int == 3)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: place("out")).allSatisfy {
        $0.hasSuffix(".gz")
      })
    // What it makes can be trained on: 4 rows, 5 columns, 3 channels.
    try place.write(
      "name: tiny\ninput: [4, 5, 3]\nlayers: [flatten, dense: {units: 3}]\n", to: "tiny.yaml")
    #expect(try place.run("train --model tiny.yaml --data out --epochs 1").status == 0)
  }

  @Test func flagsWithoutUseAreRefused() throws {
    let place = try Workplace()
    let source = Self.fixture("medmnist.npz")
    for (flags, name) in [
      ("--size 28x28", "size"), ("--channels 1", "channels"),
      ("--height 4 --width 5", "height and width"),
    ] {
      let outcome = try place.run("data import \(source) out \(flags)")
      #expect(outcome.status == 65)
      #expect(outcome.errors.hasPrefix("error: \(source): \(name): expected "))
      #expect(outcome.errors.hasSuffix(", to which alone it applies, found a NumPy archive\n"))
    }
    #expect(!FileManager.default.fileExists(atPath: place("out")))
  }

  @Test func emnistIsTurnedWhereAFlagSaysSo() throws {
    let place = try Workplace()
    let source = Self.fixture("emnist/emnist-letters")
    let asIs = try place.run("data import \(source) as-is")
    #expect(asIs.status == 0)
    #expect(
      asIs.errors
        == "warning: \(source) is named as EMNIST is, whose images are transposed; they were left so;"
        + " --emnist turns them\n"
        + "warning: no image is of class 0, as if labels began at 1; --labels-from 1 makes class 1"
        + " class 0\n")
    let turned = try place.run("data import \(source) letters --emnist")
    #expect(turned.status == 0 && turned.errors == "")
    #expect(
      turned.output
        == "letters: 6 training and 3 test images of 4×4×1 in 3 classes, from IDX files\n"
        + "  transposed\n  labels counted from 1\n")
    #expect(try place.bytes("letters/classes.txt") == Array("A\nB\nC\n".utf8))
    // A set is chosen by its name, in every command.
    try place.write(
      "name: tiny\ninput: [4, 4, 1]\nlayers: [flatten, dense: {units: 4}]\n", to: "tiny.yaml")
    let train = "train --model tiny.yaml --epochs 1 --overwrite --data"
    #expect(try place.run("\(train) \(source)").status == 0)
    #expect(try place.run("evaluate tiny.weights.h5").status == 0)
    for part in ["train", "test"] {
      for kind in ["images-idx3", "labels-idx1"] {
        try FileManager.default.createSymbolicLink(
          atPath: place("data/emnist-mnist-\(part)-\(kind)-ubyte.gz"),
          withDestinationPath: Self.fixture("emnist/emnist-letters-\(part)-\(kind)-ubyte.gz"))
        try FileManager.default.createSymbolicLink(
          atPath: place("data/emnist-letters-\(part)-\(kind)-ubyte.gz"),
          withDestinationPath: Self.fixture("emnist/emnist-letters-\(part)-\(kind)-ubyte.gz"))
      }
    }
    #expect(try place.run("data check data").status == 0)
    try FileManager.default.createDirectory(atPath: place("two"), withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: place("data"))
    where name.hasPrefix("emnist") {
      try FileManager.default.moveItem(atPath: place("data/\(name)"), toPath: place("two/\(name)"))
    }
    let several = try place.run("\(train) two")
    #expect(several.status == 65)
    #expect(
      several.errors
        == "error: two: expected one data set, found 2: emnist-letters, emnist-mnist; name one of"
        + " them, as in two/emnist-letters\n")
    #expect(try place.run("\(train) two/emnist-mnist").status == 0)
  }

  @Test func aDataSetIsExported() throws {
    let place = try Workplace()
    try place.write("a\n<b>\nc/d\n..\n", to: "data/classes.txt")
    for (format, output) in [("folders", "pictures"), ("csv", "tables"), ("npz", "data.npz")] {
      let outcome = try place.run("data export data \(output) --format \(format)")
      #expect(outcome.status == 0 && outcome.output == "\(output): 120 images\n")
      #expect(try place.run("data import \(output) back --overwrite").status == 0)
      let digests = try ["data", "back"].map { folder in
        let json = try place.run("data check \(folder) --json").json()
        return (json["parts"] as? [[String: Any]])?.map { $0["sha256"] as? String }
      }
      #expect(digests[0]?.count == 2 && digests[0] == digests[1], "\(format)")
      #expect(try place.bytes("back/classes.txt") == Array("a\n<b>\nc/d\n..\n".utf8))
      let again = try place.run("data export data \(output) --format \(format)")
      #expect(again.status == 64)
      #expect(again.errors == "error: \(output): already exists; --overwrite replaces it\n")
      #expect(
        try place.run("data export data \(output) --format \(format) --overwrite").status == 0)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: place("pictures/train")).sorted() == [
        "_", "_b_", "a", "c_d",
      ])
    // A file of another kind stays.
    try place.write("thesis", to: "thesis.npz")
    let kept = try place.run("data export data thesis.npz --format npz --overwrite")
    #expect(kept.status == 74)
    #expect(
      kept.errors
        == "error: thesis.npz: expected an .npz file, which can be replaced, found another file\n")
    #expect(try place.bytes("thesis.npz") == Array("thesis".utf8))
    // A folder with anything else in it stays.
    try place.write("x", to: "pictures/notes.txt")
    let refused = try place.run("data export data pictures --format folders --overwrite")
    #expect(refused.status == 74)
    #expect(
      refused.errors
        == "error: pictures: expected a folder that can be replaced, found notes.txt, which was not"
        + " written so\n")
  }

  @Test(arguments: [
    (
      "data import a b --size 28",
      "--size: expected rows and columns as 28x28, 1 to 4096 each, found 28", "data import"
    ),
    ("data import a b --channels 2", "--channels: expected 1 or 3, found 2", "data import"),
    (
      "data import a b --labels-from 256", "--labels-from: expected 0 to 255, found 256",
      "data import"
    ),
    (
      "data import a b --test-share 1",
      "--test-share: expected a share above 0 and below 1, found 1.0", "data import"
    ),
    ("data import a b --height 0", "--height: expected 1 to 4096, found 0", "data import"),
    ("data import a b --height 3", "--height and --width go together", "data import"),
    (
      "data import a b --emnist --transpose",
      "--emnist stands for --transpose and --labels-from; use it or those", "data import"
    ),
    (
      "data import a b --validation both",
      "--validation: expected keep or merge or drop, found both", "data import"
    ),
    ("data import a", "missing <output>", "data import"),
    (
      "data export a b --format png", "--format: expected folders or csv or npz, found png",
      "data export"
    ),
    ("data export a b", "missing --format <format>", "data export"),
  ])
  func wrongFlagsAreNamed(command: String, line: String, help: String) throws {
    let outcome = try Program("minicnn").run(
      command.split(separator: " ").map(String.init), in: "/")
    #expect(outcome.status == 64)
    #expect(outcome.errors == "error: \(line)\nsee: minicnn help \(help)\n")
  }
}
