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
        == "error: --index: expected 0 to 23, as data/t10k-images-idx3-ubyte has images, found 24\n"
    )
  }

  @Test func summaryIsTheSameForModelAndCheckpoint() throws {
    let place = try trained()
    let model = try place.run("summary small.yaml")
    let checkpoint = try place.run("summary small.weights.h5")
    #expect(model.status == 0 && model.output == checkpoint.output)
    #expect(model.output.hasPrefix("small: input 8×8×1\n"))
    #expect(model.output.contains("conv2d      conv2d      6×6×4                40          1,296"))
    let json = try place.run("summary small.yaml --json").json()
    #expect(json["parameters"] as? Int == 188)
    #expect(json["multiplyAdds"] as? Int == 1296 + 144)
    let layers = try #require(json["layers"] as? [[String: Any]])
    #expect(layers.count == 6)
    #expect(
      Set(layers[0].keys) == ["name", "kind", "outputShape", "parameters", "multiplyAdds"])
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
    #expect(text.contains("training         epoch 20 of 20 done, finished, 120 steps\n"))
  }

  @Test func benchmarkMeasuresEveryLayer() throws {
    let place = try Workplace()
    let json = try place.run(
      "benchmark --model small.yaml --data data --seconds 0.05 --threads 1 --json"
    ).json()
    #expect(
      Set(json.keys) == [
        "model", "threads", "batchSize", "inferenceBatchSize", "optimizer",
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
    // A batch larger than the data is as large as the data.
    let text = try place.run(
      "benchmark --model small.yaml --data data --seconds 0.05 --batch-size 500")
    #expect(text.status == 0 && text.output.contains("\ntraining   "))
  }

  @Test(arguments: ["train", "evaluate", "predict", "summary", "inspect", "benchmark"])
  func everyCommandHasHelpWithExamples(command: String) throws {
    let outcome = try Program("minicnn").run(["help", command], in: "/")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("EXAMPLES\n"))
    #expect(outcome.output.contains("minicnn \(command) "))
  }
}
