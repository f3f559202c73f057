import Foundation
import ImageData
import TestSupport
import Testing

@Suite struct TrainTests {
  @Test func anEpochALineAndTheFileAtTheEnd() throws {
    let place = try Workplace()
    let outcome = try place.run("train --model small.yaml --data data --threads 2")
    #expect(outcome.status == 0)
    #expect(
      outcome.errors
        == "small: 188 parameters, 96 training images, sgd, batch 16, seed 3, 2 threads\n")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("epoch 1/2  loss "))
    #expect(lines[1].hasPrefix("epoch 2/2  loss "))
    #expect(lines[2] == "saved small.weights.h5")
    #expect(try place.names == ["data", "small.weights.h5", "small.yaml"])
  }

  @Test func jsonIsAnObjectAnEpoch() throws {
    let place = try Workplace()
    let outcome = try place.run(
      "train --model small.yaml --data data --json --validation-fraction 0.25 --epochs 6")
    #expect(outcome.status == 0)
    let epochs = try outcome.jsonLines()
    #expect(epochs.count == 6)
    for epoch in epochs {
      #expect(
        Set(epoch.keys) == [
          "epoch", "loss", "accuracy", "validationLoss", "validationAccuracy", "validationInterval",
          "learningRate",
          "seconds", "imagesPerSecond", "ranks", "best", "weightsSHA256", "warnings",
        ])
    }
    #expect(epochs.map { $0["epoch"] as? Int } == [1, 2, 3, 4, 5, 6])
    #expect(try place.names.contains("small.best.weights.h5"))
    let first = try #require(epochs.first?["loss"] as? Double)
    let last = try #require(epochs.last?["loss"] as? Double)
    #expect(last < first / 2)
    // The digest that training prints is the one that inspect finds.
    let inspected = try place.run("inspect small.weights.h5 --json").json()
    #expect(inspected["weightsSHA256"] as? String == epochs[5]["weightsSHA256"] as? String)
  }

  @Test func everyFlagIsTaken() throws {
    let place = try Workplace()
    let outcome = try place.run(
      """
      train --model small.yaml --images data/train-images-idx3-ubyte \
      --labels data/train-labels-idx1-ubyte --epochs 3 --batch-size 8 --optimizer rmsprop \
      --loss mse --learning-rate 0.002 --momentum 0.5 --weight-decay 0.01 --l2 0.001 \
      --schedule step:every=1,factor=0.5 --warmup 0.5 --label-smoothing 0.1 --clip-norm 1 \
      --seed 9 --threads 3 --validation-fraction 0.25 --patience 2 --no-shuffle --limit 64 \
      --checkpoint other.weights.h5 --checkpoint-every 2
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let inspected = try place.run("inspect other.weights.h5 --json").json()
    let settings = try #require(inspected["settings"] as? String)
    for line in [
      "optimizer: rmsprop", "learning_rate: 0.002", "momentum: 0.5", "weight_decay: 0.01",
      "l2: 0.001", "clip_norm: 1.0", "schedule: \"step:every=1,factor=0.5\"", "warmup: 0.5",
      "loss: mse", "label_smoothing: 0.1", "epochs: 3", "batch_size: 8", "seed: 9",
      "shuffle: false", "validation_fraction: 0.25", "patience: 2", "limit: 64",
    ] {
      #expect(settings.contains(line + "\n"), "\(line)")
    }
  }

  @Test func aFolderOfItsOwnValidates() throws {
    let place = try Workplace()
    let other = try Workplace(images: 40)
    let command =
      "train --model small.yaml --data data --validation-data \(other("data")) --patience 4 --json"
    let outcome = try place.run("\(command) --metrics f1 --monitor val_f1 --class-weights balanced")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("96 training images, 40 for validation"))
    let epochs = try outcome.jsonLines()
    #expect(epochs.count == 2)
    for epoch in epochs {
      let metrics = epoch["validationMetrics"] as? [String: Double]
      #expect(metrics?.keys.sorted() == ["f1"] && epoch["validationAccuracy"] is Double)
    }
    let resumed = try place.run("train --resume small.weights.h5 --epochs 3")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("best validation f1 "))
    try FileManager.default.moveItem(atPath: other("data"), toPath: other("away"))
    let moved = try place.run("train --resume small.weights.h5 --epochs 4")
    #expect(moved.status == 66)
    #expect(
      moved.errors.hasSuffix(
        "; small.weights.h5 was validated with it; if it has moved, name it with --validation-data\n"
      ))
    let found = try place.run(
      "train --resume small.weights.h5 --epochs 4 --validation-data \(other("away"))")
    #expect(found.status == 0, "\(found.errors)")
    try FileManager.default.moveItem(atPath: other("away"), toPath: other("data"))
    #expect(
      try place.run("\(command) --overwrite --validation-fraction 0.1").errors
        == "error: validation_fraction: expected 0 beside samples for validation alone, found 0.1\n"
        .replacing("validation_fraction", with: "--validation-fraction"))
    #expect(
      try place.run(
        "train --model small.yaml --data data --overwrite --validation-images a --validation-labels b"
      ).errors == "error: b: cannot open: no such file or directory\n")
  }

  @Test func targetsOfNumbersAreTrainedOn() throws {
    let place = try Workplace(
      model: Workplace.model.replacing("units: 4", with: "units: 1")
        .replacing(
          "training: {", with: "training: {loss: huber, metrics: mae, validation_fraction: 0.25, ")
    )
    let brightness = (0..<96).map { Float($0 % 7) / 7 }
    try IDXWriter.writeFloats(brightness, dimensions: [96], to: place("targets"))
    let images = "--images data/train-images-idx3-ubyte --labels targets"
    let outcome = try place.run("train --model small.yaml \(images)")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!outcome.output.contains("accuracy") && outcome.output.contains("  mae 0."))
    #expect(outcome.errors.contains("best validation loss 0."))
    let evaluation = try place.run("evaluate small.weights.h5 \(images) --json").json()
    #expect(evaluation["accuracy"] == nil && evaluation["loss"] is Double)
    #expect((evaluation["metrics"] as? [String: Double])?["mae"] != nil)
    let text = try place.run("evaluate small.weights.h5 \(images)")
    #expect(text.status == 0 && text.output.split(separator: "\n").count == 2, "\(text.output)")
    let prediction = try place.run(
      "predict small.weights.h5 --images data/t10k-images-idx3-ubyte --index 0 --json")
    let first = try #require((try prediction.json()["predictions"] as? [[String: Any]])?.first)
    #expect(Set(first.keys) == ["index", "outputs"])
    #expect(
      try place.run("predict small.weights.h5 --images data/t10k-images-idx3-ubyte").output
        .hasPrefix("image 0: outputs "))
    let inspected = try place.run("inspect small.weights.h5")
    #expect(inspected.status == 0 && inspected.output.contains("best"))
    #expect(inspected.output.contains("none, the targets are numbers"))
    // Nor is a class seen before the first epoch is done.
    let begun = try place.run(
      "train --model small.yaml \(images) --checkpoint a.weights.h5 --max-steps 1")
    #expect(begun.status == 0, "\(begun.errors)")
    #expect(
      try place.run("predict a.weights.h5 --images data/t10k-images-idx3-ubyte").output
        .hasPrefix("image 0: outputs "))
    #expect((try place.inspect("a.weights.h5")["classes"] as? [String]) == [])
    // It may be measured on classes, which have names then.
    try IDXWriter.writeLabels([UInt8](repeating: 0, count: 24), to: place("zeros"))
    let measured = try place.run(
      "evaluate a.weights.h5 --images data/t10k-images-idx3-ubyte --labels zeros --json")
    #expect(measured.status == 0, "\(measured.errors)")
    let classes = try measured.json()["perClass"] as? [[String: Any]]
    #expect(classes?.map { $0["class"] as? String } == ["0"])
  }

  @Test func idleThreadsAreNamedWithTheSettingThatHelps() throws {
    let place = try Workplace()
    let command = "train --model small.yaml --data data --batch-size 96 --epochs 1 --overwrite"
    let outcome = try place.run("\(command) --threads 12")
    #expect(outcome.status == 0)
    #expect(
      outcome.errors
        == "small: 188 parameters, 96 training images, sgd, batch 96, seed 3, 8 threads\n"
        + "note: only 8 of 12 threads have work, as a batch of 96 falls into 8 shards;"
        + " with shards: 12 all have (the last digits of the result follow from it)\n")
    for enough in ["--threads 12 --shards 12", "--threads 8", "--threads 2"] {
      #expect(try !place.run("\(command) \(enough)").errors.contains("note:"))
    }
    let resumed = try place.run("train --resume small.weights.h5 --epochs 2 --threads 12")
    #expect(
      resumed.errors.contains(
        "note: only 8 of 12 threads have work, as a batch of 96 falls into 8 shards,"
          + " which is fixed for this run\n"))
  }

  @Test func threadsDoNotChangeTheBits() throws {
    let place = try Workplace()
    let digests = try (1...4).map { threads in
      let outcome = try place.run(
        "train --model small.yaml --data data --json --overwrite --threads \(threads)")
      return try outcome.jsonLines().map { $0["weightsSHA256"] as? String }
    }
    #expect(digests[0].count == 2)
    #expect(digests.allSatisfy { $0 == digests[0] })
  }

  @Test func aFileThatExistsIsKept() throws {
    let place = try Workplace()
    try place.write("precious", to: "small.weights.h5")
    let outcome = try place.run("train --model small.yaml --data data")
    #expect(outcome.status == 64)
    #expect(
      outcome.errors
        == "error: small.weights.h5: already exists; --overwrite replaces it, --resume continues it, --checkpoint names another\n"
    )
    #expect(try place.bytes("small.weights.h5") == Array("precious".utf8))
    // What is no checkpoint is not replaced at all (NothingLostTests); a checkpoint is.
    #expect(
      try place.run("train --model small.yaml --data data --checkpoint a.weights.h5").status == 0)
    let before = try place.bytes("a.weights.h5")
    #expect(
      try place.run(
        "train --model small.yaml --data data --checkpoint a.weights.h5 --seed 4 --overwrite"
      )
      .status == 0)
    #expect(try place.bytes("a.weights.h5") != before)
  }

  @Test func patienceStopsEarly() throws {
    let place = try Workplace()
    let outcome = try place.run(
      "train --model small.yaml --data data --learning-rate 0 --patience 2 --epochs 9")
    #expect(outcome.status == 0)
    let stop = try #require(
      outcome.errors.split(separator: "\n").first { $0.hasPrefix("stopped early") })
    #expect(stop == "stopped early: no better validation accuracy since epoch 1")
    let best = try #require(outcome.errors.split(separator: "\n").last)
    #expect(best.hasPrefix("best validation accuracy "))
    #expect(
      best.hasSuffix(" %) in epoch 1, the best of 3, whose weights are in small.best.weights.h5"))
    #expect(outcome.output.split(separator: "\n").count == 4)
    let again = try place.run("train --resume small.weights.h5")
    #expect(again.status == 0)
    #expect(
      again.errors == "small.weights.h5: the run stopped early in epoch 3 of 9; nothing to do\n")
  }

  @Test func weightsOfAnotherRunAreAStart() throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data --epochs 8").status == 0)
    let with = try place.run(
      "train --init small.weights.h5 --model small.yaml --data data --epochs 1 --checkpoint b.h5 --json"
    )
    let without = try place.run(
      "train --init small.weights.h5 --data data --epochs 1 --checkpoint c.h5 --json")
    #expect(with.status == 0 && without.status == 0)
    let losses = try [with, without].map { try $0.jsonLines()[0]["loss"] as? Double }
    #expect(losses[0] == losses[1])
    #expect((losses[0] ?? 9) < 0.3)
  }

  @Test func aLossThatIsNoNumberStopsAndKeepsWhatWasGood() throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data").status == 0)
    let good = try place.bytes("small.weights.h5")
    let outcome = try place.run(
      "train --model small.yaml --data data --learning-rate 1e30 --overwrite")
    #expect(outcome.status == 1)
    let line = try #require(outcome.errors.split(separator: "\n").last)
    // Which of the batch's samples is the first is its first one's number.
    let sentence =
      /error: step 2 \(epoch 1, batch 2\): the output of layer dense is no longer finite for sample [0-9]+ \(the largest activation before it is [0-9.]+e\+[0-9]+\); try a learning rate of 1e\+29, a tenth of this step's; small\.weights\.h5 was left unchanged/
    #expect(line.wholeMatch(of: sentence) != nil, "\(line)")
    #expect(try place.bytes("small.weights.h5") == good)
    #expect(try place.names == ["data", "small.weights.h5", "small.yaml"])
  }

  @Test func aStateThatHasDivergedIsNotKept() throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data").status == 0)
    let good = try place.bytes("small.weights.h5")
    // One batch an epoch: the step itself is finite, what it leaves is not.
    let flags = "--batch-size 96 --learning-rate 1e38 --epochs 3"
    let outcome = try place.run("train --model small.yaml --data data --overwrite \(flags)")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("is no longer finite"))
    #expect(outcome.errors.hasSuffix("; small.weights.h5 was left unchanged\n"))
    #expect(try place.bytes("small.weights.h5") == good)
  }

  @Test func aWarningIsSaidOnceAndIsInTheJSONOfEveryEpoch() throws {
    let place = try Workplace()
    let flags = "train --model small.yaml --data data --learning-rate 30 --seed 1"
    let text = try place.run(flags)
    #expect(text.status == 0)
    let warnings = text.errors.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
    #expect(
      warnings.last
        == "warning: layer relu: 4 of 4 units fire for none of the 96 training samples; try a smaller learning rate"
    )
    let epochs = try place.run("\(flags) --overwrite --json").jsonLines()
    for epoch in epochs {
      let last = (epoch["warnings"] as? [String])?.last
      #expect(last.map { "warning: \($0)" } == warnings.last.map(String.init))
    }
    #expect(epochs.count == 2)
  }
}
