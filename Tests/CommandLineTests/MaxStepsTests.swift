import TestSupport
import Testing

/// Six steps make an epoch of the small model.
@Suite struct MaxStepsTests {
  private func state(_ place: Workplace, _ file: String) throws -> [String: Any] {
    try place.run("inspect \(file) --json").json()
  }

  private func train(_ place: Workplace, _ flags: String) throws -> Program.Outcome {
    try place.run("train --model small.yaml --data data --threads 1 \(flags)")
  }

  @Test func theRunStopsAfterTheStepAndResumesAsIfItHadNot() throws {
    let place = try Workplace()
    let stopped = try train(place, "--max-steps 5")
    #expect(stopped.status == 0)
    #expect(stopped.output == "saved small.weights.h5\n")
    #expect(
      stopped.errors.hasSuffix(
        "\nstopped after step 5 (epoch 1, batch 5); resume with: minicnn train --resume small.weights.h5\n"
      ))
    let half = try state(place, "small.weights.h5")
    #expect(half["steps"] as? Int == 5)
    #expect(half["finished"] as? Bool == false)

    let resumed = try place.run("train --resume small.weights.h5")
    #expect(resumed.status == 0)
    #expect(try train(place, "--checkpoint whole.h5").status == 0)
    let (whole, end) = try (state(place, "whole.h5"), state(place, "small.weights.h5"))
    #expect(end["steps"] as? Int == 12)
    #expect(end["weightsSHA256"] as? String == whole["weightsSHA256"] as? String)
    #expect(whole["weightsSHA256"] is String)
  }

  @Test func stepsCountAcrossResumes() throws {
    let place = try Workplace()
    #expect(try train(place, "--max-steps 4").status == 0)
    let second = try place.run("train --resume small.weights.h5 --max-steps 8")
    #expect(second.status == 0)
    #expect(second.errors.contains("\nstopped after step 8 (epoch 2, batch 2); "))
    #expect(try state(place, "small.weights.h5")["steps"] as? Int == 8)
    let before = try place.bytes("small.weights.h5")
    let third = try place.run("train --resume small.weights.h5 --max-steps 8")
    #expect(third.status == 0)
    #expect(
      third.errors
        == "small.weights.h5: the run has reached step 8, and --max-steps is 8; nothing to do\n")
    #expect(try place.bytes("small.weights.h5") == before)
  }

  @Test func theLastStepOfAnEpochEndsTheEpoch() throws {
    let place = try Workplace()
    let outcome = try train(place, "--max-steps 6")
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("epoch 1/2  loss "))
    #expect(outcome.errors.contains("\nstopped after step 6 (the end of epoch 1); "))
    let json = try state(place, "small.weights.h5")
    #expect(json["epoch"] as? Int == 1)
    #expect(json["batch"] as? Int == 0)
  }

  @Test(arguments: [12, 100]) func aRunThatIsDoneByThenFinishes(steps: Int) throws {
    let place = try Workplace()
    let outcome = try train(place, "--max-steps \(steps)")
    #expect(outcome.status == 0)
    #expect(!outcome.errors.contains("stopped"))
    let json = try state(place, "small.weights.h5")
    #expect(json["steps"] as? Int == 12)
    #expect(json["finished"] as? Bool == true)
  }

  @Test func lessThanOneStepIsRefused() throws {
    let place = try Workplace()
    let outcome = try train(place, "--max-steps 0")
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("error: --max-steps: expected at least 1, found 0\n"))
    #expect(try place.names == ["data", "small.yaml"])
  }
}
