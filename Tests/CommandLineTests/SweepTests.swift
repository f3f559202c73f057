import Foundation
import MiniCNN
import TestSupport
import Testing

/// Many runs that make a table.
@Suite struct SweepTests {
  private func write(_ text: String) throws -> Workplace {
    let place = try Workplace()
    try place.write(text, to: "rates.yaml")
    return place
  }

  private static func sweep(rates: String, score: String = "validation") -> String {
    """
    model: small.yaml
    data: data
    seeds: [1, 2]
    score: \(score)
    settings:
      epochs: 2
      validation_fraction: 0.25
      learning_rate: [\(rates)]

    """
  }

  private static let header =
    "run,seed,epochs,validation_accuracy,images,seconds,settings,failure\n"

  /// The lines of `runs.csv`, without its header.
  private func runs(_ place: Workplace) throws -> [String] {
    try String(contentsOfFile: place("rates.sweep/runs.csv"), encoding: .utf8)
      .split(separator: "\n").dropFirst().map(String.init)
  }

  @Test func aSweepMakesATableAndGoesOn() throws {
    let place = try write(Self.sweep(rates: "0.001, 0.01"))
    let first = try place.run("sweep rates.yaml --threads 1")
    #expect(first.status == 0)
    #expect(
      first.errors.contains(
        "4/4 small epochs=2 validation_fraction=0.25 learning_rate=0.01 seed 2: "))
    #expect(first.output.hasPrefix("validation accuracy in %\n"))
    #expect(try runs(place).count == 4)

    let json = try place.run("sweep rates.yaml --threads 1 --json").json()
    #expect(json["score"] as? String == "validation")
    let rows = try #require(json["rows"] as? [[String: Any]])
    #expect(rows.map { $0["runs"] as? Int } == [2, 2])
    #expect(rows.map { $0["failed"] as? Int } == [0, 0])
    let means = rows.compactMap { $0["mean"] as? Double }
    #expect(means.count == 2 && means[0] >= means[1])
    for row in rows {
      let least = try #require(row["least"] as? Double), most = try #require(row["most"] as? Double)
      let mean = try #require(row["mean"] as? Double)
      #expect(least <= mean && mean <= most)
      // Of the 96 images a quarter validates.
      let median = try #require(row["median"] as? Double)
      let interval = AccuracyInterval.of(median, samples: 24)
      let found = try #require(row["interval"] as? [Double])
      #expect(abs(found[0] - interval.lowerBound) < 1e-12)
      #expect(abs(found[1] - interval.upperBound) < 1e-12)
    }
    #expect(
      try String(contentsOfFile: place("rates.sweep/table.csv"), encoding: .utf8)
        .hasPrefix(
          "model,runs,failed,mean,deviation,median,least,most,interval_low,interval_high,seconds,"
            + "settings\n\"small\",2,0,"))
  }

  @Test func aRunThatWasStoppedOnItsWayGoesOn() throws {
    let place = try write(Self.sweep(rates: "0.01"))
    #expect(try place.run("sweep rates.yaml --threads 1").status == 0)
    let lines = try runs(place)
    let name = try #require(CSV.fields(lines[1])?.first)
    let file = "rates.sweep/\(name).weights.h5"
    let state = try #require(try place.inspect(file)["stateSHA256"] as? String)

    // The second run as it would be after 7 of its 10 steps.
    let kept = "\(Self.header)\(lines[0])\n"
    try place.write(kept, to: "rates.sweep/runs.csv")
    for ending in [".weights.h5", ".best.weights.h5"] {
      try FileManager.default.removeItem(atPath: place("rates.sweep/\(name)\(ending)"))
    }
    #expect(
      try place.run(
        "train --model rates.sweep/\(name.dropLast(2)).yaml --data data --seed 2 --max-steps 7"
          + " --checkpoint \(file)"
      ).status == 0)
    #expect(try place.inspect(file)["stateSHA256"] as? String != state)

    #expect(try place.run("sweep rates.yaml --threads 1").status == 0)
    #expect(
      try String(contentsOfFile: place("rates.sweep/messages.txt"), encoding: .utf8)
        .contains("resuming after step 7 (epoch 2, batch 2)\n"))
    #expect(try place.inspect(file)["stateSHA256"] as? String == state)
    let again = try runs(place).map { CSV.fields($0)?[0...4] }
    #expect(again == lines.map { CSV.fields($0)?[0...4] })
  }

  @Test func aRunThatFailsHoldsNoneUp() throws {
    let place = try write(Self.sweep(rates: "1e30, 0.01"))
    let outcome = try place.run("sweep rates.yaml --threads 1")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.hasSuffix("error: 2 of 4 runs failed; rates.sweep/runs.csv says why\n"))
    #expect(
      outcome.errors.contains("learning_rate=1e30 seed 1: failed: step 2 (epoch 1, batch 2): "))
    let table = outcome.output.split(separator: "\n").map {
      $0.split(separator: " ").map(String.init)
    }
    #expect(table.count == 4)
    #expect(table[2][1...2] == ["2", "0"])
    #expect(table[3][1...9] == ["2", "2", "-", "-", "-", "-", "-", "-", "-"])

    // None of them is made again, neither those that failed.
    let again = try place.run("sweep rates.yaml --threads 1 --json")
    #expect(again.status == 1)
    #expect(again.errors == "error: 2 of 4 runs failed; rates.sweep/runs.csv says why\n")
    let rows = try #require(try again.json()["rows"] as? [[String: Any]])
    #expect(rows.map { $0["failed"] as? Int } == [0, 2])
    #expect(rows[1]["mean"] == nil && rows[1]["interval"] == nil)
    let failures = try #require(rows[1]["failures"] as? [String])
    #expect(failures.count == 2)
    #expect(failures.allSatisfy { $0.contains(": step 2 (epoch 1, batch 2): ") })
    #expect(
      try String(contentsOfFile: place("rates.sweep/table.csv"), encoding: .utf8)
        .contains("\"small\",2,2,,,,,,,,,\""))
  }

  @Test func aSignalStopsTheSweep() throws {
    let place = try write(
      Self.sweep(rates: "0.01").replacingOccurrences(of: "epochs: 2", with: "epochs: 100000"))
    let outcome = try place.run("sweep rates.yaml --threads 1") { process in
      place.waitForText(in: "rates.sweep/messages.txt")
      kill(process, SIGTERM)
    }
    #expect(outcome.status == 143)
    #expect(outcome.output == "")
    let last = try #require(outcome.errors.split(separator: "\n").last)
    #expect(last.hasPrefix("stopped in run 1/2 small epochs=100000 "))
    #expect(outcome.errors.hasSuffix(" seed 1; the same command resumes from there\n"))
    #expect(try runs(place).isEmpty)
  }

  @Test(arguments: [false, true]) func choosingOnTestImagesIsWarnedOf(byModel: Bool) throws {
    let place = try write(
      byModel
        ? "model: [small.yaml, other.yaml]\ndata: data\nseeds: 1\nscore: test\n"
        : Self.sweep(rates: "0.001, 0.01", score: "test"))
    try place.write(
      Workplace.model.replacingOccurrences(of: "name: small", with: "name: other"),
      to: "other.yaml")
    let outcome = try place.run("sweep rates.yaml --threads 1")
    #expect(outcome.status == 0)
    #expect(
      outcome.errors.hasPrefix(
        "warning: score: test with several models or settings: the best of them on the test images"
          + " looks better than it is; choose with score: validation, then test the chosen one\n"
      ))
    #expect(outcome.output.hasPrefix("test accuracy in %\n"))
  }

  @Test func oneSettingIsTestedInPeace() throws {
    let place = try write("model: small.yaml\ndata: data\nseeds: 1\nscore: test\n")
    let outcome = try place.run("sweep rates.yaml --threads 1")
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("1/1 small seed 1: "))
  }

  @Test func aNameMayHaveCommasAndQuotes() throws {
    let place = try write("model: small.yaml\ndata: data\nseeds: [1, 2]\nscore: test\n")
    try place.write(
      Workplace.model.replacingOccurrences(of: "name: small", with: "name: 'a,\"b'"),
      to: "small.yaml")
    #expect(try place.run("sweep rates.yaml --threads 1").status == 0)
    // All is read back.
    let again = try place.run("sweep rates.yaml --threads 1")
    #expect(again.status == 0 && again.errors == "")
    #expect(
      try String(contentsOfFile: place("rates.sweep/table.csv"), encoding: .utf8)
        .contains("\n\"a,\"\"b\",2,0,"))
  }

  @Test(arguments: [
    (
      "model: small.yaml\ndata: data\nseeds: 1\n",
      "rates.yaml: score: validation needs a validation_fraction above 0 in small.yaml or the settings"
    ),
    (
      "model: small.yaml\ndata: data\nseeds: 1\nscore: test\n\nsettings:\n  epochs: [2, 0]\n",
      "rates.yaml: line 7, column 15: expected epochs: 1 to 1000000, found \"0\""
    ),
    (
      "model: small.yaml\ndata: data\nseeds: 1\nscore: test\nsettings:\n  schedule: ['step:every=0']\n",
      "rates.yaml: line 6, column 14: expected schedule.every: 1 to 1000000, found \"step:every=0\""
    ),
    (
      "model: small.yaml\ndata: data\nseeds: 1\nscore: test\nsettings: {optimizer: adam, momentum: 0.5}\n",
      "rates.yaml: line 5, column 39: expected momentum: the optimizer sgd or rmsprop with it, found"
        + " adam\n"
    ),
    (
      "model: small.yaml\ndata: data\nseeds: 1\nsettings:\n  validation_fraction: 0.001\n",
      "rates.yaml: line 5, column 24: expected validation_fraction: a share that leaves samples on"
        + " both sides, found 0.001 of 96 samples"
    ),
  ]) func settingsThatMakeNoSenseAreNamed(text: String, message: String) throws {
    let place = try write(text)
    let outcome = try place.run("sweep rates.yaml")
    #expect(outcome.status == 65)
    #expect(outcome.errors.hasPrefix("error: \(message)"), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: place("rates.sweep")))
  }
}
