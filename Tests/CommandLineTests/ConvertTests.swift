import Foundation
import TestSupport
import Testing

/// Models of other programs made checkpoints.
@Suite struct ConvertTests {
  private static let fixtures = Repository.path("Tests/InterchangeTests/Fixtures/keras")

  @Test func aConvertedModelIsOneToTrainOn() throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data").status == 0)
    #expect(try place.run("export small.weights.h5 small.keras").status == 0)
    let converted = try place.run("convert small.keras again.weights.h5")
    #expect(
      converted.output
        == "again.weights.h5: small, 188 parameters; for use, and for train --init\n")
    for words in ["--data data --json"] {
      let before = try place.run("evaluate small.weights.h5 \(words)").json()
      let after = try place.run("evaluate again.weights.h5 \(words)").json()
      #expect(before["accuracy"] as? Double == after["accuracy"] as? Double)
    }
    let begun = try place.run(
      "train --model small.yaml --data data --init again.weights.h5 --checkpoint b.weights.h5")
    #expect(begun.status == 0)
    let resumed = try place.run("train --resume again.weights.h5 --data data")
    #expect(resumed.status == 65)
  }

  @Test func theMemoryOfAnOptimizerComesAlong() throws {
    let place = try Workplace()
    let file = "\(Self.fixtures)/adam.keras"
    let outcome = try place.run(
      "convert \(file) a.weights.h5 --json --batch-size 4 --seed 9 --epochs 3")
    let result = try outcome.json()
    #expect(Set(result.keys) == ["file", "model", "parameters", "optimizer", "steps", "notes"])
    #expect(result["optimizer"] as? String == "adam" && result["steps"] as? Int == 5)
    let inspected = try place.run("inspect a.weights.h5").output
    #expect(inspected.contains("0 of 3 epochs done, 5 steps"))
    #expect(inspected.contains("batch_size: 4"))
    let scheduled = try place.run("convert \(Self.fixtures)/scheduled.keras b.weights.h5")
    #expect(
      scheduled.errors
        == "note: the schedule CosineDecay is left out; learning_rate is 0.002, its first one\n")
  }

  @Test func nothingIsReplacedUnasked() throws {
    let place = try Workplace()
    let file = "\(Self.fixtures)/chain-3.keras"
    #expect(try place.run("convert \(file) a.weights.h5").status == 0)
    let again = try place.run("convert \(file) a.weights.h5")
    #expect(again.status == 64)
    #expect(again.errors == "error: a.weights.h5: already exists; --overwrite replaces it\n")
    #expect(try place.run("convert \(file) a.weights.h5 --overwrite").status == 0)
    let same = try place.run("convert a.weights.h5 a.weights.h5 --overwrite")
    #expect(same.errors == "error: a.weights.h5: is the model itself; name another file\n")
    let checkpoint = try place.run("convert a.weights.h5 b.weights.h5")
    #expect(checkpoint.status == 65)
    #expect(
      checkpoint.errors
        == "error: a.weights.h5: expected a model of another program, found a checkpoint; it is what would be made of it\n"
    )
    let other = try place.run("convert \(Self.fixtures)/adam.keras c.weights.h5 --optimizer sgd")
    #expect(other.status == 64)
  }
}
