import Files
import TestSupport
import Testing

/// Bad input gets one line and the right exit code, and leaves nothing behind.
@Suite struct BadInputTests {
  private func check(
    _ command: String, in place: Workplace, status: Int32, says line: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try place.names
    let outcome = try place.run(command)
    #expect(outcome.status == status, sourceLocation: sourceLocation)
    #expect(outcome.errors == "error: \(line)\n", sourceLocation: sourceLocation)
    #expect(outcome.output == "", sourceLocation: sourceLocation)
    #expect(try place.names == before, sourceLocation: sourceLocation)
  }

  @Test func imagesAndLabels() throws {
    let place = try Workplace()
    let images = "data/train-images-idx3-ubyte"
    let labels = "data/train-labels-idx1-ubyte"
    func train(_ images: String, _ labels: String) -> String {
      "train --model small.yaml --images \(images) --labels \(labels)"
    }
    try check(
      train(labels, labels), in: place, status: 65,
      says:
        "\(labels): magic number: expected 2051 (3-D unsigned bytes), found 2049 (1-D unsigned bytes); is this the label file?"
    )
    try check(
      train(images, images), in: place, status: 65,
      says:
        "\(images): magic number: expected 2049 (1-D unsigned bytes), found 2051 (3-D unsigned bytes); is this the image file?"
    )
    try check(
      train(images, "data/t10k-labels-idx1-ubyte"), in: place, status: 65,
      says:
        "data/t10k-labels-idx1-ubyte: number of labels: expected 96, one for each image of \(images), found 24; the two files do not belong together"
    )
    let bytes = try place.bytes(images)
    try place.write(Array(bytes.dropLast(10)), to: "data/short")
    try check(
      train("data/short", labels), in: place, status: 65,
      says:
        "data/short: pixels: expected 6144 bytes (96 x 8 x 8), found 6134; the file is cut short"
    )
    try place.write(bytes + [0, 0], to: "data/long")
    try check(
      train("data/long", labels), in: place, status: 65,
      says: "data/long: pixels: expected 6144 bytes (96 x 8 x 8), found 6146")
    try place.write([UInt8](), to: "data/empty")
    try check(
      train("data/empty", labels), in: place, status: 65,
      says: "data/empty: expected an IDX header, found an empty file")
    try place.write([0x1F, 0x8B, 8, 0, 1, 2, 3], to: "data/broken.gz")
    let broken = try place.run(train("data/broken.gz", labels))
    #expect(broken.status == 65 && broken.errors.hasPrefix("error: data/broken.gz: gzip: "))
    let huge: [UInt8] = [0, 0, 8, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 8]
    try place.write(huge, to: "data/huge")
    let refused = try place.run(train("data/huge", labels))
    #expect(refused.status == 65 && refused.errors.hasPrefix("error: data/huge: "))
    try check(
      train("data/none", labels), in: place, status: 66,
      says: "data/none: cannot open: no such file or directory")
  }

  @Test func labelsBeyondTheClasses() throws {
    let place = try Workplace()
    var labels = try place.bytes("data/train-labels-idx1-ubyte")
    labels[8 + 11] = 4
    try place.write(labels, to: "data/train-labels-idx1-ubyte")
    let outcome = try place.run("train --model small.yaml --data data")
    #expect(outcome.status == 65)
    #expect(outcome.errors.hasPrefix("error: data/train-labels-idx1-ubyte: "))
    #expect(outcome.errors.contains("11"))
  }

  @Test func imagesOfAnotherSize() throws {
    let place = try Workplace()
    try place.write(
      Workplace.model.replacing("[8, 8, 1]", with: "[9, 8, 1]"), to: "tall.yaml")
    try check(
      "train --model tall.yaml --data data", in: place, status: 65,
      says:
        "data/train-images-idx3-ubyte: images: expected 9×8×1 (height×width×channels), as small takes them, found 8×8×1"
    )
  }

  @Test func models() throws {
    let place = try Workplace()
    try place.write(Workplace.model.replacing("filters", with: "filter"), to: "key.yaml")
    try check(
      "summary key.yaml", in: place, status: 65,
      says:
        "key.yaml: line 4, column 14: expected a key of conv2d (filters, kernel, stride, padding, dilation, groups, bias, initializer, name, trainable), found \"filter\"; did you mean \"filters\"?"
    )
    try place.write(Workplace.model.replacing("window: 2", with: "window: 7"), to: "fit.yaml")
    try check(
      "train --model fit.yaml --data data", in: place, status: 65,
      says:
        "fit.yaml: layer 3 (max_pool2d): window 7×7 does not fit its input 6×6×4; a smaller window, padding: same, or fewer pooling layers before it"
    )
    try place.write(
      Workplace.model.replacing("units: 4}", with: "units: 4}\n  - softmax"), to: "softmax.yaml")
    try check(
      "train --model softmax.yaml --data data", in: place, status: 65,
      says:
        "softmax.yaml: loss cross_entropy takes logits and includes the softmax, but the last layer is already a softmax, which would be applied twice; remove the last layer, or use loss mse"
    )
    #expect(try place.run("train --model softmax.yaml --data data --loss mse").status == 0)
    try check(
      "summary none.yaml", in: place, status: 66,
      says: "none.yaml: cannot open: no such file or directory")
  }

  @Test func settingsOfAModelFile() throws {
    let place = try Workplace()
    try place.write(Workplace.model.replacing("epochs: 2", with: "epochs: 0"), to: "none.yaml")
    try check(
      "train --model none.yaml --data data", in: place, status: 65,
      says: "none.yaml: line 10, column 87: expected epochs: 1 to 1000000, found \"0\"")
  }

  @Test(.enabled(if: WholeFile.exists("/dev/full")))
  func resultsThatCannotBeWritten() throws {
    let place = try Workplace()
    let outcome = try Program("minicnn").run(
      ["summary", "small.yaml"], in: place.folder.path, output: "/dev/full")
    #expect(outcome.status == 74)
    #expect(outcome.errors == "error: standard output: cannot write: no space left on device\n")
  }

  @Test func checkpoints() throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data").status == 0)
    let good = try place.bytes("small.weights.h5")
    for place_ in stride(from: 0, to: good.count, by: good.count / 40) {
      var flipped = good
      flipped[place_] ^= 4
      try place.write(flipped, to: "flipped.h5")
      let outcome = try place.run("inspect flipped.h5")
      #expect(outcome.status == 65, "byte \(place_)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
    try place.write(Array(good.prefix(good.count / 2)), to: "half.h5")
    let half = try place.run("train --resume half.h5")
    #expect(half.status == 65)
    #expect(half.errors.hasSuffix("; the file is damaged; use an earlier copy\n"))
    #expect(try place.bytes("half.h5").count == good.count / 2)
    try check(
      "inspect small.yaml", in: place, status: 65,
      says:
        "small.yaml: expected a model with weights (a checkpoint, or one of Keras, ONNX or safetensors),"
        + " found something else; a model file has no weights, minicnn train gives it some")
    try place.write(Workplace.model.replacing("units: 4", with: "units: 5"), to: "five.yaml")
    try check(
      "train --model five.yaml --init small.weights.h5 --init-strict --data data --checkpoint new.h5",
      in: place,
      status: 65,
      says:
        "small.weights.h5: layer dense: expected every layer of small, found kernel 36×5, there 36×4"
    )
    let keras = Repository.path("Tests/CheckpointsTests/Fixtures/keras-sequential.weights.h5")
    try check(
      "train --resume \(keras)", in: place, status: 65,
      says:
        "\(keras): /minicnn: expected a full training state, found weights only; use them with --init and the --model they belong to"
    )
  }

  @Test func placesThatCannotBeWritten() throws {
    let place = try Workplace()
    try check(
      "train --model small.yaml --data data --checkpoint none/a.h5", in: place, status: 74,
      says: "none/a.h5: the folder none does not exist")
    let folder = try place.run("train --model small.yaml --data data --checkpoint data --overwrite")
    #expect(folder.status == 74)
    #expect(folder.errors == "error: data: expected a path to a file, found a folder\n")
  }

  @Test(arguments: [
    ("train --model small.yaml", "error: name the data with --data, or --images and --labels\n"),
    (
      "train --model small.yaml --data data --optimizer adem",
      "error: --optimizer: expected one of sgd, rmsprop, adagrad, adam, adamw, found adem; did you mean \"adam\"?\n"
    ),
    (
      "train --model small.yaml --data data --batch-size 0",
      "error: --batch-size: expected 1 to 65536, found 0\n"
    ),
    (
      "train --model small.yaml --data data --optimizer adam --momentum 0.9",
      "error: --momentum: expected the optimizer sgd or rmsprop with it, found adam\n"
    ),
  ])
  func settings(command: String, says: String) throws {
    let place = try Workplace()
    let outcome = try place.run(command)
    #expect(outcome.status == 64)
    #expect(outcome.errors == says)
    #expect(try place.names == ["data", "small.yaml"])
  }
}
