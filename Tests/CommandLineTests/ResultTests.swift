import Checkpoints
import Files
import TestSupport
import Testing

/// The commands that look at a trained model.
@Suite struct ResultTests {
  /// A workplace with a model that has learnt its four classes.
  private func trained() throws -> Workplace {
    let place = try Workplace()
    let outcome = try place.run("train --model small.yaml --data data --epochs 20")
    #expect(outcome.status == 0)
    return place
  }

  @Test func evaluateCountsEverySample() throws {
    let place = try trained()
    let json = try place.run("evaluate small.weights.h5 --data data --json").json()
    #expect(
      Set(json.keys) == [
        "weights", "accuracy", "interval", "loss", "correct", "samples", "confusion", "perClass",
        "mistakes",
      ])
    #expect(json["samples"] as? Int == 24)
    let accuracy = try #require(json["accuracy"] as? Double)
    let interval = try #require(json["interval"] as? [Double])
    #expect(accuracy >= 0.9 && interval[0] <= accuracy && accuracy <= interval[1])
    let confusion = try #require(json["confusion"] as? [[Int]])
    #expect(confusion.joined().reduce(0, +) == 24)
    #expect((0..<4).reduce(0) { $0 + confusion[$1][$1] } == json["correct"] as? Int)
    let classes = try #require(json["perClass"] as? [[String: Any]])
    #expect(classes.map { $0["class"] as? String } == ["0", "1", "2", "3"])
    #expect(classes.map { $0["support"] as? Int } == confusion.map { $0.reduce(0, +) })
    #expect(Set(classes[0].keys) == ["class", "precision", "recall", "support"])

    // Without --data, the test images of the folder it was trained on.
    let text = try place.run("evaluate small.weights.h5")
    #expect(text.status == 0)
    #expect(text.output.contains("confusion (rows: truth, columns: prediction)\n"))
    let last = try #require(text.output.split(separator: "\n").last)
    #expect(last.hasPrefix("small.weights.h5: accuracy "))
    #expect(last.contains(" of 24; 95 % interval "))
  }

  @Test func trainingImagesAreNoTest() throws {
    let place = try Workplace()
    let pair =
      "--images data/train-images-idx3-ubyte --labels data/train-labels-idx1-ubyte"
    #expect(try place.run("train --model small.yaml \(pair)").status == 0)
    let outcome = try place.run("evaluate small.weights.h5")
    #expect(outcome.status == 64)
    #expect(
      outcome.errors == "error: name the data with --data, or --images and --labels\n")
    #expect(try place.run("evaluate small.weights.h5 \(pair)").status == 0)
  }

  @Test func predictNamesAndDraws() throws {
    let place = try trained()
    let images = "--images data/t10k-images-idx3-ubyte"
    let json = try place.run("predict small.weights.h5 \(images) --json --index 0 5").json()
    let predictions = try #require(json["predictions"] as? [[String: Any]])
    #expect(predictions.map { $0["index"] as? Int } == [0, 5])
    for prediction in predictions {
      #expect(Set(prediction.keys) == ["index", "class", "probability", "probabilities"])
      let probabilities = try #require(prediction["probabilities"] as? [Double])
      #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5)
      #expect(prediction["probability"] as? Double == probabilities.max())
    }
    let drawn = try place.run("predict small.weights.h5 \(images) --index 3")
    #expect(drawn.status == 0)
    #expect(drawn.output.hasPrefix("image 3: "))
    #expect(drawn.output.split(separator: "\n", omittingEmptySubsequences: false).count == 6)
    let all = try place.run("predict small.weights.h5 \(images)")
    #expect(all.output.split(separator: "\n").count == 24)
    let beyond = try place.run("predict small.weights.h5 \(images) --index 24")
    #expect(beyond.status == 64)
    #expect(
      beyond.errors
        == "error: --index: expected 0 to 23, the last image of data/t10k-images-idx3-ubyte, found 24\n"
    )
  }

  @Test func summaryIsTheSameForModelAndCheckpoint() throws {
    let place = try trained()
    let model = try place.run("summary small.yaml --no-time")
    let checkpoint = try place.run("summary small.weights.h5 --no-time")
    #expect(model.status == 0 && model.output == checkpoint.output)
    #expect(
      model.output == """
        small: input 8×8×1
        layer       kind        output  parameters  field  multiply-adds  memory
        conv2d      conv2d      6×6×4           40  3×3/1          1,296   576 B
        relu        relu        6×6×4            0  3×3/1              0   576 B
        max_pool2d  max_pool2d  3×3×4            0  4×4/2              0   144 B
        dropout     dropout     3×3×4            0  4×4/2              0   144 B
        flatten     flatten     36               0  4×4/2              0   144 B
        dense       dense       4              148    all            144    16 B
        total                                  188                 1,440  1.9 kB
        memory parameters 752 B, activations 1.9 kB an image and with gradients 59 kB a batch of 16, sgd 752 B

        """)
  }

  @Test func summarySaysWhatTrainingTakes() throws {
    let place = try Workplace()
    let keys: Set = [
      "name", "inputShape", "parameters", "trainedParameters", "multiplyAdds", "memory",
      "batchSize", "optimizer", "threads", "layers",
    ]
    let untimed = try place.run("summary small.yaml --no-time --json").json()
    #expect(Set(untimed.keys) == keys)
    let json = try place.run("summary small.yaml --data data --threads 1 --json").json()
    #expect(
      Set(json.keys) == keys.union(["imagesPerSecond", "epochImages", "epochSeconds"]))
    #expect(json["parameters"] as? Int == 188)
    #expect(json["multiplyAdds"] as? Int == 1296 + 144)
    #expect(json["epochImages"] as? Int == 96 && json["threads"] as? Int == 1)
    let speed = try #require(json["imagesPerSecond"] as? Double)
    let seconds = try #require(json["epochSeconds"] as? Double)
    #expect(speed > 0 && abs(seconds * speed / 96 - 1) < 1e-9)
    // 64 + 144 + 144 + 36 + 36 + 36 + 4 numbers of four bytes, twice for each of 16 images.
    let memory = try #require(json["memory"] as? [String: Int])
    #expect(
      memory == [
        "parameters": 752, "activations": 1856, "batch": 32 * 1856, "optimizer": 752,
      ])
    let layers = try #require(json["layers"] as? [[String: Any]])
    #expect(layers.count == 6)
    let layerKeys: Set = [
      "name", "kind", "outputShape", "parameters", "trainable", "multiplyAdds", "outputBytes",
    ]
    #expect(Set(layers[0].keys) == layerKeys.union(["receptiveField", "jump"]))
    #expect(Set(layers[5].keys) == layerKeys)
    #expect(layers[2]["receptiveField"] as? [Int] == [4, 4])
    #expect(layers[2]["jump"] as? [Double] == [2, 2])
    let text = try place.run("summary small.yaml --threads 1").output
    let last = try #require(text.split(separator: "\n").last)
    #expect(last.hasPrefix("epoch  about ") && last.contains(" s for 60,000 images on 1 thread, "))
  }

  /// What no classes are trained for has no time that synthetic images could tell.
  @Test func aModelThatTakesNoImagesHasASummary() throws {
    let place = try Workplace(
      model: "name: small\ninput: [5]\nlayers: [dense: {units: 1}]\ntraining: {loss: mse}\n")
    let outcome = try place.run("summary small.yaml")
    #expect(outcome.status == 0 && outcome.errors == "")
    #expect(outcome.output.contains("dense  dense  1                6    all"))
    #expect(!outcome.output.contains("epoch"))
  }

  @Test func inspectSaysWhereTrainingStands() throws {
    let place = try trained()
    let json = try place.run("inspect small.weights.h5 --json").json()
    #expect(json["epoch"] as? Int == 20 && json["epochs"] as? Int == 20)
    #expect(json["steps"] as? Int == 120 && json["batch"] as? Int == 0)
    #expect(json["finished"] as? Bool == true && json["seed"] as? Int == 3)
    #expect(json["classes"] as? [String] == ["0", "1", "2", "3"])
    #expect(json["data"] as? [String] == [place("data")])
    #expect((json["weightsSHA256"] as? String)?.count == 64)
    let text = try place.run("inspect small.weights.h5").output
    #expect(text.contains("training        20 of 20 epochs done, finished, 120 steps\n"))
  }

  @Test func inspectPrintsEveryNumber() throws {
    let place = try trained()
    var checkpoint = try Checkpoint(contentsOf: place("small.weights.h5"))
    checkpoint.state.history[0].loss = 9.5e14
    try checkpoint.save(to: place("odd.h5"))
    let text = try place.run("inspect odd.h5")
    #expect(text.status == 0 && text.output.contains("\n    1  950000000000000.0  "))
    let history = try #require(try place.inspect("odd.h5")["history"] as? [[String: Any]])
    #expect(history[0]["loss"] as? Double == 9.5e14)
  }

  @Test func aModelFileIsNoCheckpoint() throws {
    let place = try trained()
    for command in [
      "train --data data", "benchmark", "find-rate --data data", "verify-resume --data data",
      "data preview --data data",
    ] {
      let outcome = try place.run("\(command) --model small.weights.h5")
      #expect(outcome.status == 65)
      #expect(
        outcome.errors
          == "error: small.weights.h5: expected a model file (YAML), found an HDF5 file;"
          + " minicnn train takes a checkpoint's weights with --init, and continues its run with"
          + " --resume\n")
    }
  }

  @Test func aSweepOrItsModelIsNoCheckpoint() throws {
    let place = try trained()
    let line =
      "error: small.weights.h5: expected YAML text, found an HDF5 file; a checkpoint holds a model,"
      + " but is not a model file\n"
    #expect(try place.run("sweep small.weights.h5").errors == line)
    try place.write("model: small.weights.h5\ndata: data\nseeds: [1]\n", to: "sweep.yaml")
    let outcome = try place.run("sweep sweep.yaml")
    #expect(
      outcome.status == 65
        && outcome.errors.hasSuffix(
          "small.weights.h5: expected YAML text, found an HDF5 file; a checkpoint holds a model, but is not a model file\n"
        ))
  }

  // `script` runs a command on a terminal of its own.
  @Test(.enabled(if: WholeFile.exists("/usr/bin/script")))
  func aTerminalsWidthIsKeptAndProgressIsShown() throws {
    let place = try Workplace()
    func onTerminal(_ columns: Int, _ command: String) throws -> String {
      let outcome = try Program(at: "/usr/bin/script").run(
        ["-qec", "stty cols \(columns); \(Program.path(of: "minicnn")) \(command)", "/dev/null"],
        in: place.folder.path)
      #expect(outcome.status == 0)
      return outcome.output
    }
    let table = try onTerminal(50, "summary small.yaml")
    #expect(table.contains("\r\nlayer       kind        output  parameters  field\r\n"))
    #expect(table.contains("\r\n(no room for: multiply-adds, memory)\r\n"))
    for columns in [20, 33, 80, 300] {
      let training = try onTerminal(
        columns, "train --model small.yaml --data data --epochs 30 --checkpoint \(columns).h5")
      let drawn = training.components(separatedBy: "\r\u{1B}[K").dropFirst()
        .filter { !$0.contains("\n") && !$0.isEmpty }
      #expect(!drawn.isEmpty && drawn.allSatisfy { $0.count < columns })
    }
    let help = try onTerminal(130, "help summary").split(separator: "\r\n")
    #expect(help.contains { $0.count > 80 } && help.allSatisfy { $0.count <= 100 })
    let rate = try onTerminal(60, "find-rate --model small.yaml --data data --steps 40")
    #expect(rate.contains("\r\u{1B}[Kfind-rate: 0:00"))
  }

  @Test func dataOfAnotherKindIsTold() throws {
    let place = try trained(), other = try Workplace(images: 60)
    let folder = other("data")
    let outcome = try place.run("evaluate small.weights.h5 --data \(folder)")
    let line =
      "warning: small.weights.h5 was trained on \(place("data")), not on the training images of \(folder): this is"
      + " its accuracy on other data\n"
    #expect(outcome.status == 0 && outcome.errors == line)
    let both = try place.run("compare small.weights.h5 small.weights.h5 --data \(folder)")
    #expect(both.status == 0 && both.errors == line + line)
    // An exported file knows which data it was, and not where.
    #expect(try place.run("export small.weights.h5 use.weights.h5").status == 0)
    #expect(
      try place.run("evaluate use.weights.h5 --data \(folder)").errors
        == "warning: use.weights.h5 was trained on data whose place the file does not say, not on the"
        + " training images of \(folder): this is its accuracy on other data\n")
    #expect(try place.run("evaluate use.weights.h5 --data data").errors == "")
    // The same images at another place, and a folder that has none to compare with.
    for copy in [place("data"), "./data/"] {
      #expect(try place.run("evaluate small.weights.h5 --data \(copy)").errors == "")
    }
    let same = try Workplace()
    #expect(try place.run("evaluate small.weights.h5 --data \(same("data"))").errors == "")
    try same.write([UInt8](), to: "data/train-images-idx3-ubyte")
    #expect(try place.run("evaluate small.weights.h5 --data \(same("data"))").errors == "")
    let pair = "--images data/train-images-idx3-ubyte --labels data/train-labels-idx1-ubyte"
    #expect(
      try place.run("evaluate small.weights.h5 \(pair)").errors
        == "warning: small.weights.h5 was trained on these very images; they do not tell how it does"
        + " on new ones\n")
  }

  @Test func tablesStayReadableOnNarrowTerminals() throws {
    let place = try trained()
    for columns in ["40", "30"] {
      for command in [
        "evaluate small.weights.h5", "summary small.yaml",
        "benchmark --model small.yaml --seconds 0.05",
      ] {
        let outcome = try place.run(command, environment: ["COLUMNS": columns])
        #expect(outcome.status == 0)
        // What is no table may be broken by the terminal.
        let lines = outcome.output.split(separator: "\n").filter {
          !["small", "training ", "inference ", "loss ", "confusion "].contains(where: $0.hasPrefix)
        }
        for line in lines { #expect(line.count <= Int(columns) ?? 0, "\(command): \(line)") }
      }
    }
    let narrow = try place.run("evaluate small.weights.h5", environment: ["COLUMNS": "24"])
    #expect(narrow.output.contains("confusion (truth → prediction: images)\n0 → 0: "))
  }

  @Test func benchmarkMeasuresEveryLayer() throws {
    let place = try Workplace()
    let json = try place.run(
      "benchmark --model small.yaml --data data --seconds 0.05 --threads 1 --json"
    ).json()
    #expect(
      Set(json.keys) == [
        "model", "threads", "batchSize", "shards", "inferenceBatchSize", "optimizer",
        "instructionSet", "peakGflops", "trainImagesPerSecond", "inferenceImagesPerSecond",
        "latencyMicroseconds", "layers",
      ])
    #expect(json["batchSize"] as? Int == 16 && json["inferenceBatchSize"] as? Int == 1000)
    let layers = try #require(json["layers"] as? [[String: Any]])
    // A convolution takes its ReLU and its pooling along; flattening moves nothing.
    #expect(
      layers.compactMap { $0["name"] as? String } == [
        "conv2d+relu+max_pool2d", "dropout", "dense",
      ])
    #expect(
      Set(layers[0].keys) == [
        "name", "kind", "outputShape", "forwardMicroseconds", "backwardMicroseconds", "gflops",
        "forwardShare", "backwardShare",
      ])
    for key in [
      "peakGflops", "trainImagesPerSecond", "inferenceImagesPerSecond", "latencyMicroseconds",
    ] {
      #expect((json[key] as? Double ?? 0) > 0, "\(key)")
    }
    #expect(try place.run("benchmark --model small.yaml --data none").status == 66)
    // Without --data, images are synthetic.
    let made = try place.run(
      "benchmark --model small.yaml --seconds 0.05 --batch-size 40 --threads 2 --json")
    #expect(made.status == 0)
    #expect(made.errors == "no --data: measuring on synthetic images\n")
    #expect(try made.json()["batchSize"] as? Int == 40)
    try place.write(
      Workplace.model.replacing("[8, 8, 1]", with: "[8, 9, 3]").replacing(
        "units: 4", with: "units: 1"),
      to: "other.yaml")
    #expect(
      try place.run("benchmark --model other.yaml --seconds 0.05 --inference-batch-size 1").status
        == 0)
    try place.write(
      Workplace.model.replacing("[8, 8, 1]", with: "[64]").replacing(
        "conv2d: {filters: 4, kernel: 3}", with: "dense: {units: 9}"
      ).replacing("  - max_pool2d: {window: 2}\n", with: ""), to: "flat.yaml")
    let flat = try place.run("benchmark --model flat.yaml")
    #expect(flat.status == 65)
    #expect(
      flat.errors
        == "no --data: measuring on synthetic images\nerror: synthetic images: images: expected 64"
        + " (height×width×channels), as small takes them, found 64×1×1\n")
    // A batch larger than the data is as large as the data.
    let text = try place.run(
      "benchmark --model small.yaml --data data --seconds 0.05 --batch-size 500")
    #expect(text.status == 0 && text.output.contains("\ntraining   "))
  }

  @Test(arguments: ["train", "evaluate", "predict", "summary", "inspect", "benchmark", "gradcheck"])
  func everyCommandHasHelpWithExamples(command: String) throws {
    let outcome = try Program("minicnn").run(["help", command], in: "/")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("EXAMPLES\n"))
    #expect(outcome.output.contains("minicnn \(command) "))
  }
}
