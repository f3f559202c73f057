import Checkpoints
import TestSupport
import Testing

/// Runs of the tool that begin with weights of another model, or leave some of theirs alone.
@Suite struct FineTuningTests {
  /// A folder with the checkpoint of a run, `small.weights.h5`, and a model that shares its convolution.
  private static func workplace() throws -> Workplace {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data").status == 0)
    let tuned = Workplace.model.replacing("name: small", with: "name: tuned")
    try place.write(tuned.replacing("units: 4", with: "units: 4, name: head"), to: "tuned.yaml")
    try place.write(tuned.replacing("units: 4", with: "units: 5"), to: "five.yaml")
    return place
  }

  private static let announced =
    "tuned: 188 parameters, 96 training images, sgd, batch 16, seed 3, 2 threads\n"

  @Test func whatIsTakenAndWhatStartsAnewIsSaid() throws {
    let place = try Self.workplace()
    let head = try place.run(
      "train --model tuned.yaml --init small.weights.h5 --freeze conv2d* --data data --threads 2")
    #expect(head.status == 0)
    #expect(
      head.errors == Self.announced
        + "took conv2d from small.weights.h5; head starts anew (not there)\n40 parameters are frozen\n"
    )
    let five = try place.run(
      "train --model five.yaml --init small.weights.h5 --data data --checkpoint five.h5 --threads 2"
    )
    #expect(five.status == 0)
    #expect(
      five.errors == Self.announced.replacing("188", with: "225")
        + "took conv2d from small.weights.h5; dense starts anew (kernel 36×5, there 36×4)\n")
    // A frozen layer keeps what it took; the head does not keep what it began with.
    let source = try Checkpoint(contentsOf: place("small.weights.h5")).network
    let network = try Checkpoint(contentsOf: place("tuned.weights.h5")).network
    for (entry, other) in zip(network.layout.entries, source.layout.entries) {
      let isKept = network.values(of: entry) == source.values(of: other)
      #expect(isKept == !entry.isTrained)
    }
  }

  @Test func strictIsAllOrNothing() throws {
    let place = try Self.workplace()
    let all = try place.run(
      "train --model small.yaml --init small.weights.h5 --init-strict --data data --checkpoint a.h5 --threads 2"
    )
    #expect(all.status == 0)
    #expect(all.errors.hasSuffix("\ntook conv2d and dense from small.weights.h5\n"))
    let five = try place.run(
      "train --model five.yaml --init small.weights.h5 --init-strict --data data --checkpoint b.h5")
    #expect(five.status == 65)
    #expect(
      five.errors
        == "error: small.weights.h5: layer dense: expected every layer of tuned, found kernel 36×5, there 36×4\n"
    )
    #expect(try !place.names.contains("b.h5"))
    let alone = try place.run("train --model small.yaml --init-strict --data data")
    #expect(alone.status == 64)
    #expect(
      alone.errors == "error: --init-strict: only with --init\nsee: minicnn help train\n")
  }

  @Test func namesAndFlagsThatDoNotServeAreRefused() throws {
    let place = try Self.workplace()
    let unknown = try place.run("train --model small.yaml --freeze conv --data data --overwrite")
    #expect(unknown.status == 65)
    #expect(
      unknown.errors
        == "error: small.yaml: no layer is called \"conv\"; the model has conv2d, relu, max_pool2d, dropout, flatten, dense\n"
    )
    let resumed = try place.run(
      "train --resume small.weights.h5 --init a --init-strict --freeze conv2d --unfreeze dense")
    #expect(resumed.status == 64)
    #expect(
      resumed.errors
        == "error: --init, --init-strict, --freeze, --unfreeze: the checkpoint fixes this; with --resume use only --data, --validation-data, --epochs, --threads, --checkpoint, --overwrite, --checkpoint-every, --keep, --max-steps, --log, --tensorboard and --json\nsee: minicnn help train\n"
    )
  }

  @Test func aModelThatNothingTrainsIsRefused() throws {
    let place = try Workplace()
    for flags in ["--freeze conv2d dense", "--freeze *"] {
      let outcome = try place.run("train --model small.yaml \(flags) --data data")
      #expect(outcome.status == 65)
      #expect(
        outcome.errors
          == "error: small.yaml: nothing would be trained, as every layer with parameters is frozen; unfreeze at least the last one, dense\n"
      )
    }
    #expect(try place.names == ["data", "small.yaml"])
    let head = try place.run(
      "train --model small.yaml --freeze * --unfreeze dense --data data --threads 2")
    #expect(head.status == 0)
    #expect(head.errors.hasSuffix("\n40 parameters are frozen\n"))
  }

  @Test func aSummaryShowsWhatIsFrozen() throws {
    let place = try Workplace(
      model: Workplace.model.replacing("kernel: 3}", with: "kernel: 3, trainable: false}"))
    let text = try place.run("summary small.yaml").output
    let row = try #require(text.split(separator: "\n").first { $0.contains("frozen") })
    #expect(
      row.split(separator: " ") == [
        "conv2d", "conv2d,", "frozen", "6×6×4", "40", "3×3/1", "1,296", "576", "B",
      ])
    #expect(try place.run("train --model small.yaml --data data").status == 0)
    // The model that a checkpoint keeps says the same as the file.
    for file in ["small.yaml", "small.weights.h5"] {
      let json = try place.run("summary \(file) --json").json()
      #expect(json["parameters"] as? Int == 188 && json["trainedParameters"] as? Int == 148)
      let layers = try #require(json["layers"] as? [[String: Any]])
      #expect(
        layers.map { $0["trainable"] as? Bool } == [false, true, true, true, true, true], "\(file)")
    }
    let trained = try place.run(
      "train --model small.yaml --unfreeze conv2d --data data --checkpoint all.h5")
    #expect(trained.status == 0 && !trained.errors.contains("frozen"))
  }

  // The file's images were 8×7 and of three classes: what does not depend on either is taken.
  @Test func aFileOfKerasIsAStart() throws {
    let keras = Repository.path("Tests/CheckpointsTests/Fixtures/keras-sequential.weights.h5")
    let place = try Workplace(
      model: """
        name: keras
        input: [8, 8, 1]
        layers:
          - conv2d: {filters: 4, kernel: 3, padding: same}
          - batch_norm
          - relu
          - max_pool2d
          - conv2d: {filters: 3, kernel: 3, bias: false}
          - batch_norm: {scale: false}
          - relu
          - flatten
          - dense: {units: 5}
          - relu
          - dense: {units: 4}
        training: {epochs: 1, seed: 1}

        """)
    let outcome = try place.run(
      "train --model small.yaml --init \(keras) --freeze conv2d* batch_norm* --data data")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.errors.split(separator: "\n")
    #expect(
      lines.dropFirst().prefix(2) == [
        "took conv2d, batch_norm, conv2d_1 and batch_norm_1 from \(keras); dense (kernel 12×5, there 6×5) and dense_1 (kernel 5×4, there 5×3) start anew",
        "159 parameters are frozen",
      ])
  }

  @Test func aFrozenRunThatWasStoppedEndsWithTheSameBits() throws {
    let place = try Self.workplace()
    let command =
      "train --model tuned.yaml --init small.weights.h5 --freeze conv2d --data data --checkpoint"
    #expect(try place.run("\(command) whole.h5").status == 0)
    #expect(try place.run("\(command) part.h5 --max-steps 7").status == 0)
    let resumed = try place.run("train --resume part.h5 --threads 2")
    #expect(resumed.status == 0)
    #expect(
      resumed.errors.hasSuffix(
        "\n40 parameters are frozen\nresuming after step 7 (epoch 2, batch 1)\n"))
    #expect(!resumed.errors.contains("took"))
    let digests = try ["whole.h5", "part.h5"].map {
      try place.inspect($0)["weightsSHA256"] as? String
    }
    #expect(digests[0] != nil && digests[0] == digests[1])
  }
}
