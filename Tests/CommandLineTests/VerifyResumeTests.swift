import Foundation
import TestSupport
import Testing

@Suite struct VerifyResumeTests {
  private static let verify = "verify-resume --model small.yaml --data data --threads 2"

  @Test func aRunThatIsKilledEndsAsTheOneThatIsNot() throws {
    let place = try Workplace(images: 160, model: Workplace.everything)
    let before = try place.names
    let outcome = try place.run("\(Self.verify) --kills 4 --seed 8")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 9)
    #expect(
      lines.first == "ran through on 2 threads, seed 8: after step 16 (the end of epoch 2)")
    #expect(lines[1...4].allSatisfy { $0.hasPrefix("killed after step ") })
    #expect(lines[5].hasPrefix("weights  ") && lines[5].contains(" same  "))
    #expect(lines[7].hasPrefix("best state  ") && lines[7].contains(" same  "))
    #expect(lines[8] == "verified: killed 4 times, the run ends with the same bits")
    #expect(try place.names == before)
  }

  /// Which takes the place of the fifth that the file sets aside, here and where a rate is sought.
  @Test func imagesForValidationAloneAreTaken() throws {
    let place = try Workplace(model: Workplace.everything)
    let validation =
      "--validation-images data/t10k-images-idx3-ubyte --validation-labels data/t10k-labels-idx1-ubyte"
    let outcome = try place.run("\(Self.verify) --kills 1 --seed 8 \(validation)")
    #expect(outcome.status == 0, "\(outcome.errors)")
    // 96 images in batches of 16; with a fifth set aside there would be 5.
    #expect(outcome.output.contains("after step 12 (the end of epoch 2)\n"))
    #expect(outcome.output.contains("best state  "))
    let rates = try place.run(
      "find-rate --model small.yaml --data data --steps 20 --monitor val_loss --json \(validation)")
    #expect(rates.status == 0, "\(rates.errors)")
    #expect((try rates.json()["points"] as? [Any])?.isEmpty == false)
    #expect(
      try place.run(
        "find-rate --model small.yaml --data data --validation-fraction 0.1 \(validation)"
      ).errors
        == "error: --validation-fraction: expected 0 beside samples for validation alone, found 0.1\n"
    )
  }

  @Test func fewerStepsThanKillsAreSaid() throws {
    let outcome = try Workplace().run("\(Self.verify) --kills 9 --limit 32 --epochs 2")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.hasSuffix(
        "\nverified: killed 3 times (its 4 steps allow no more), the run ends with the same bits\n"
      )
    )
  }

  @Test func jsonSaysTheSame() throws {
    let place = try Workplace()
    let outcome = try place.run("\(Self.verify) --json --kills 2")
    #expect(outcome.status == 0)
    let json = try outcome.json()
    #expect(json["sameWeights"] as? Bool == true && json["sameState"] as? Bool == true)
    #expect(json["sameBest"] == nil)
    #expect(json["steps"] as? Int == 12 && json["seed"] as? Int == 3)
    let kills = try #require(json["kills"] as? [[String: Int]])
    #expect(kills.count == 2)
    #expect(kills.allSatisfy { $0["afterStep"] ?? 0 > $0["resumedFromStep"] ?? 99 })
  }

  @Test(arguments: [
    ("--batch-size 0", 64, "--batch-size: expected 1 to 65536, found 0"),
    ("--learning-rate 1e30", 1, "step 2 (epoch 1, batch 2): the "),
    (
      "--limit 16 --epochs 1", 64,
      "a run of 1 step is too short to be killed; raise --epochs or --limit"
    ),
  ])
  func whatTrainingSaysIsPassedOn(flags: String, status: Int32, message: String) throws {
    let place = try Workplace()
    let outcome = try place.run("\(Self.verify) \(flags)")
    #expect(outcome.status == status)
    #expect(outcome.errors.hasPrefix("error: \(message)"))
  }

  @Test func dataIsNeeded() throws {
    let place = try Workplace()
    let outcome = try place.run("verify-resume --model small.yaml")
    #expect(outcome.status == 64)
    #expect(
      outcome.errors.hasPrefix("error: name the data with --data, or --images and --labels\n"))
  }

  @Test func aSignalToItAloneEndsItsRunsToo() throws {
    let place = try Workplace(images: 6000)
    let start = ContinuousClock.now
    let outcome = try place.run("\(Self.verify) --epochs 100000") { process in
      usleep(400_000)
      kill(process, SIGTERM)
    }
    #expect(outcome.status == 128 + SIGTERM)
    #expect(ContinuousClock.now - start < .seconds(20))
  }
}
