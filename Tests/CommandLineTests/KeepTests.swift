import Foundation
import TestSupport
import Testing

/// Six steps make an epoch of the small model, twelve the run.
@Suite struct KeepTests {
  private func steps(_ place: Workplace, _ file: String) throws -> Int? {
    try place.inspect(file)["steps"] as? Int
  }

  @Test func theStatesBeforeTheLastOneAreKept() throws {
    let place = try Workplace()
    let train = "train --model small.yaml --data data --checkpoint-every 4 --keep 3"
    #expect(try place.run(train).status == 0)
    let names = ["small.weights.h5"] + (1...3).map { "small.\($0).weights.h5" }
    #expect(try place.names == (["data", "small.yaml"] + names).sorted())
    // Saved after the steps 4, 6 (the epoch's end), 8 and 12.
    #expect(try names.map { try steps(place, $0) } == [12, 8, 6, 4])
    // Another run finds its place free, and keeps none of the run it replaces.
    #expect(try place.run("\(train) --overwrite --epochs 1").status == 0)
    #expect(try names.prefix(2).map { try steps(place, $0) } == [6, 4])
    #expect(try place.names == (["data", "small.yaml"] + names.prefix(2)).sorted())
  }

  @Test func theOneBeforeABrokenOneIsOffered() throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data --keep 1").status == 0)
    let whole = try place.inspect("small.weights.h5")
    var bytes = try place.bytes("small.weights.h5")
    bytes[bytes.count / 2] ^= 4
    try place.write(bytes, to: "small.weights.h5")
    let broken = try place.run("train --resume small.weights.h5")
    #expect(broken.status == 65)
    let offer =
      "minicnn train --resume small.1.weights.h5 --checkpoint small.weights.h5 --overwrite"
    #expect(
      broken.errors.hasPrefix(
        "error: small.weights.h5: digest: expected the SHA-256 that the file states, found "))
    #expect(
      broken.errors.hasSuffix(
        "; small.1.weights.h5 is intact, after step 6 (the end of epoch 1); resume from it with: \(offer)\n"
      ))
    // What is offered does what it says, and a broken file is not kept in place of a whole one.
    #expect(try place.run("\(offer.dropFirst("minicnn ".count)) --keep 1").status == 0)
    let mended = try place.inspect("small.weights.h5")
    #expect(mended["stateSHA256"] as? String == whole["stateSHA256"] as? String)
    #expect(try steps(place, "small.1.weights.h5") == 6)
  }

  @Test func theBestIsOfferedWhereNoneWasKept() throws {
    let place = try Workplace()
    let train = "train --model small.yaml --data data --validation-fraction 0.25"
    #expect(try place.run(train).status == 0)
    try FileManager.default.removeItem(atPath: place("small.weights.h5"))
    let outcome = try place.run("train --resume small.weights.h5")
    #expect(outcome.status == 66)
    #expect(
      outcome.errors.hasPrefix(
        "error: small.weights.h5: cannot open: no such file or directory; small.best.weights.h5 is intact, after step "
      ))
  }

  @Test func anotherRunDoesNotInheritTheBest() throws {
    let place = try Workplace()
    let train = "train --model small.yaml --data data"
    #expect(try place.run("\(train) --validation-fraction 0.25").status == 0)
    #expect(try place.names.contains("small.best.weights.h5"))
    #expect(try place.run("\(train) --overwrite").status == 0)
    #expect(try place.names == ["data", "small.weights.h5", "small.yaml"])
  }

  @Test func aResumedRunIsSavedElsewhereWhenAsked() throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data --epochs 1").status == 0)
    let before = try place.bytes("small.weights.h5")
    let resume = "train --resume small.weights.h5 --epochs 2 --checkpoint other.weights.h5"
    #expect(try place.run(resume).status == 0)
    #expect(try place.bytes("small.weights.h5") == before)
    #expect(try steps(place, "other.weights.h5") == 12)
    let again = try place.run(resume)
    #expect(again.status == 64)
    #expect(
      again.errors
        == "error: other.weights.h5: already exists; --overwrite replaces it, --resume continues it, --checkpoint names another\n"
    )
  }

  @Test(arguments: [
    ("--keep 100", "--keep: expected 0 to 99, found 100"),
    ("--keep -1", "--keep: expected 0 to 99, found -1"),
    (
      "--checkpoint-every 0",
      "--checkpoint-every: expected <steps|time>, found 0"
    ),
    (
      "--checkpoint-every 10x",
      "--checkpoint-every: expected <steps|time>, found 10x"
    ),
  ])
  func whatMakesNoSenseIsRefused(flags: String, message: String) throws {
    let place = try Workplace()
    let parts = flags.split(separator: " ")
    let outcome = try place.run("train --model small.yaml --data data \(parts[0])=\(parts[1])")
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("error: \(message)\nsee: minicnn help train\n"))
    #expect(try place.names == ["data", "small.yaml"])
  }
}
