import Foundation
import TestSupport
import Testing

/// What a sweep does with folders, data and runs that are not as it left them.
@Suite struct SweepFolderTests {
  private static let sweep = "{model: small.yaml, data: data, seeds: [1], score: test}\n"

  private func place(_ text: String = Self.sweep) throws -> Workplace {
    let place = try Workplace()
    try place.write(text, to: "one.yaml")
    return place
  }

  @Test func aFolderOfSomebodyElseIsLeftAlone() throws {
    let place = try place()
    try FileManager.default.createDirectory(
      atPath: place("mine"), withIntermediateDirectories: true)
    try place.write("precious", to: "mine/table.csv")
    let outcome = try place.run("sweep one.yaml --folder mine")
    #expect(outcome.status == 74)
    #expect(
      outcome.errors
        == "error: mine: expected an empty folder, or that of a sweep, found one with table.csv in"
        + " it; name another folder with --folder\n")
    #expect(try place.bytes("mine/table.csv") == Array("precious".utf8))
  }

  @Test func aFolderThatCannotBeMadeIsNamed() throws {
    let place = try place()
    let missing = try place.run("sweep one.yaml --folder no/such")
    #expect(missing.status == 74)
    #expect(
      missing.errors
        == "error: no/such: cannot make the folder: no such file or directory; name another folder"
        + " with --folder\n")
    let file = try place.run("sweep one.yaml --folder one.yaml")
    #expect(file.status == 74)
    #expect(
      file.errors
        == "error: one.yaml: cannot open the folder: not a directory; name another folder with"
        + " --folder\n")
  }

  @Test func runsOnOtherDataAreMadeAnew() throws {
    let place = try place()
    #expect(try place.run("sweep one.yaml --threads 1").errors.contains("1/1 small seed 1: "))
    #expect(try place.run("sweep one.yaml --threads 1").errors == "")
    for file in ["data/train-images-idx3-ubyte", "data/t10k-labels-idx1-ubyte"] {
      var bytes = try place.bytes(file)
      bytes[20] ^= 1
      try place.write(bytes, to: file)
      #expect(try place.run("sweep one.yaml --threads 1").errors.contains("1/1 small seed 1: "))
    }
  }

  @Test func aBrokenStateIsToBeRemoved() throws {
    let place = try place()
    #expect(try place.run("sweep one.yaml --threads 1").status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: place("one.sweep"))
    let state = "one.sweep/\(try #require(names.first { $0.hasSuffix("-1.weights.h5") }))"
    let runs = try String(contentsOfFile: place("one.sweep/runs.csv"), encoding: .utf8)
    try place.write(String(runs.prefix { $0 != "\n" }) + "\n", to: "one.sweep/runs.csv")
    try place.write("broken", to: state)
    let outcome = try place.run("sweep one.yaml --threads 1")
    #expect(outcome.status == 65)
    #expect(outcome.errors.hasPrefix("error: \(state): "))
    #expect(outcome.errors.hasSuffix("; remove \(state) to repeat the run\n"))
  }

  @Test func aSplitNeedsRoomInTheTrainingSetAlone() throws {
    // 2 of 96 training images, but 0 of 24 test images.
    let place = try place(
      "{model: small.yaml, data: data, seeds: 1, score: test, settings: {validation_fraction: 0.02}}\n"
    )
    #expect(try place.run("sweep one.yaml --threads 1").status == 0)
  }

  #if os(Linux)
    @Test func aKilledRunIsNoFinishedOne() throws {
      let place = try place(
        "{model: small.yaml, data: data, seeds: 1, score: test, settings: {epochs: 200000}}\n")
      let outcome = try place.run("sweep one.yaml --threads 1") { process in
        place.waitForText(in: "one.sweep/messages.txt")
        let children = try? String(
          contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
        for child in (children ?? "").split(separator: " ").compactMap({ pid_t($0) }) {
          kill(child, SIGKILL)
        }
      }
      #expect(outcome.status == 1)
      #expect(
        outcome.errors.hasSuffix(
          "error: 1/1 small epochs=200000 seed 1: ended by signal 9 before it was done\n"))
      #expect(
        try String(contentsOfFile: place("one.sweep/runs.csv"), encoding: .utf8)
          .split(separator: "\n").count == 1)
    }
  #endif

  @Test func theSameTwiceIsRefused() throws {
    let place = try place(
      "{model: small.yaml, data: data, seeds: 1, score: test, settings: {epochs: [2, 2]}}\n")
    let outcome = try place.run("sweep one.yaml")
    #expect(outcome.status == 65)
    #expect(
      outcome.errors
        == "error: one.yaml: small.yaml epochs=2: the same model and settings are stated twice\n")
  }

  @Test func filesOfOneNameAreToldApart() throws {
    let place = try place("{model: [small.yaml, b.yaml], data: data, seeds: 1, score: test}\n")
    try place.write(
      Workplace.model.replacingOccurrences(of: "epochs: 2", with: "epochs: 1"), to: "b.yaml")
    let json = try place.run("sweep one.yaml --threads 1 --json").json()
    let rows = try #require(json["rows"] as? [[String: Any]])
    #expect(rows.map { $0["model"] as? String } == ["small.yaml", "b.yaml"])
    // One run has no standard deviation.
    #expect(rows.allSatisfy { $0["deviation"] == nil })
  }

  @Test func patienceCountsWithTheBestEpoch() throws {
    let place = try place(
      """
      model: small.yaml
      data: data
      seeds: 1
      settings:
        {patience: 2, epochs: 40, learning_rate: 10, clip_norm: 0.5, validation_fraction: 0.25}

      """)
    let json = try place.run("sweep one.yaml --threads 1 --json").json()
    let row = try #require((json["rows"] as? [[String: Any]])?.first)
    let names = try FileManager.default.contentsOfDirectory(atPath: place("one.sweep"))
    let state = try place.inspect(
      "one.sweep/\(try #require(names.first { $0.hasSuffix("-1.weights.h5") }))")
    let best = try #require(state["bestEpoch"] as? Int)
    let history = try #require(state["history"] as? [[String: Any]])
    #expect(best < history.count)
    #expect(
      history[best - 1]["validationAccuracy"] as? Double
        != history.last?["validationAccuracy"] as? Double)
    #expect(row["mean"] as? Double == history[best - 1]["validationAccuracy"] as? Double)
  }

  @Test func warningsOfRunsArePassedOnOnce() throws {
    let place = try place(
      "{model: small.yaml, data: data, seeds: [1, 2], score: test, settings: {augmentation: flip=horizontal}}\n"
    )
    let outcome = try place.run("sweep one.yaml --threads 1")
    #expect(outcome.status == 0)
    let warnings = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
    #expect(warnings.count { $0.contains("flip") } == 1, "\(outcome.errors)")
  }
}
