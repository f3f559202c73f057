import Files
import Foundation
import ImageData
import Runs
import Testing
import TestSupport
import Training

/// A sweep in the process that asks for it.
@Suite struct SweepTests {
  private let small: SmallRun

  init() throws {
    small = try SmallRun()
    for name in ["sweeps", "data"] {
      try FileManager.default.createDirectory(
        atPath: small(name), withIntermediateDirectories: false)
    }
    for (prefix, seed) in [("train", 1), ("t10k", 2)] as [(String, UInt64)] {
      let set = try SmallRun.images(96, seed: seed)
      try set.withPixels {
        try IDXWriter.writeImages(
          Array($0), height: 8, width: 8, to: small("data/\(prefix)-images-idx3-ubyte"))
      }
      try IDXWriter.writeLabels(
        set.labels ?? [], to: small("data/\(prefix)-labels-idx1-ubyte"))
    }
    let model = """
      name: small
      input: [8, 8, 1]
      layers: [conv2d: {filters: 4, kernel: 3}, relu, flatten, dense: {units: 4}]
      training: {optimizer: sgd, batch_size: 16, epochs: 2}

      """
    try AtomicFile.write(Array(model.utf8), to: small("small.yaml"))
  }

  /// Paths in it start from its folder.
  private func spec(rates: String, score: String = "test") throws -> SweepSpec {
    try SweepSpec(
      text: """
        model: ../small.yaml
        data: ../data
        seeds: [1, 2]
        score: \(score)
        settings: {learning_rate: [\(rates)]}

        """, file: small("sweeps/rates.yaml"))
  }

  @Test func runsAreMadeRecordedAndNotMadeAgain() throws {
    let spec = try spec(rates: "0.01, 0.1")
    var told: [String] = []
    let table = try Sweep(spec, threads: 2).run { event in
      switch event {
      case .started(let run): told.append(run.title)
      case .made(let run, let record):
        told.append("\(run.number) \(record.seed) \(record.accuracy != nil)")
      case .warning(let warning): told.append("\(warning)".prefix(11).description)
      case .run, .waiting: break
      }
    }
    #expect(
      told == [
        "score: test", "1/4 small learning_rate=0.01 seed 1", "1 1 true",
        "2/4 small learning_rate=0.01 seed 2", "2 2 true", "3/4 small learning_rate=0.1 seed 1",
        "3 1 true", "4/4 small learning_rate=0.1 seed 2", "4 2 true",
      ])
    #expect(table?.runs == 4 && table?.failed == 0)
    #expect(table?.rows.map(\.settings) == ["learning_rate=0.01", "learning_rate=0.1"])
    let names = try FileManager.default.contentsOfDirectory(atPath: small("sweeps/rates.sweep"))
    #expect(names.contains("runs.csv") && names.contains("table.csv"))
    #expect(names.count { $0.hasSuffix(".weights.h5") } == 4)
    let again = try Sweep(spec).run { if case .started = $0 { Issue.record("a run") } }
    #expect(again?.rows.map(\.accuracy) == table?.rows.map(\.accuracy))
  }

  @Test func aSweepThatIsStoppedGoesOn() throws {
    let spec = try spec(rates: "0.01")
    do {
      let sweep = try Sweep(spec)
      let table = try sweep.run { event in
        if case .run(let run, .step) = event, run.number == 2 { sweep.stop() }
      }
      #expect(table == nil)
    }
    let resumed = try Sweep(spec)
    var events: [String] = []
    let table = try resumed.run { event in
      if case .started(let run) = event { events.append(run.title) }
      if case .run(_, .step(let report)) = event { events.append("\(report.batch)") }
    }
    // Eleven of the twelve steps of the second run are left.
    #expect(events.first == "2/2 small learning_rate=0.01 seed 2" && events.count == 12)
    #expect(table?.runs == 2)

    let whole = try Sweep(spec, folder: small("whole")).run()
    #expect(
      whole?.rows.map { $0.results.map(\.accuracy) }
        == table?.rows.map { $0.results.map(\.accuracy) })
  }

  @Test(arguments: ["train", "t10k"]) func dataWithoutClassesIsRefused(part: String) throws {
    try FileManager.default.removeItem(atPath: small("data/\(part)-labels-idx1-ubyte"))
    try IDXWriter.writeFloats(
      (0..<96 * 4).map { Float($0 % 4) }, dimensions: [96, 4],
      to: small("data/\(part)-labels-idx1-ubyte"))
    let spec = try spec(rates: "0.01")
    #expect(
      complaint { _ = try Sweep(spec) }
        == "\(small("sweeps/rates.yaml")): data: expected images with classes, as runs are scored by their accuracy, found targets that are numbers in \(small("sweeps/../data"))"
    )
    #expect(!FileManager.default.fileExists(atPath: small("sweeps/rates.sweep")))
  }

  @Test func aRunThatDivergesIsRecorded() throws {
    let table = try Sweep(spec(rates: "1e30, 0.01")).run()
    #expect(table?.failed == 2 && table?.runs == 4)
    guard case .failed(let reason)? = table?.rows.first?.results.first?.outcome else {
      Issue.record("no failure")
      return
    }
    #expect(reason.hasPrefix("step 2 (epoch 1, batch 2): the "))
  }

  /// The machine fails, and no run.
  private struct Broken: RunMaker {
    func begin(_ task: RunTask) throws -> any RunUnderWay {
      throw FileError(.inputOutput, file: task.file, found: "no space left on device")
    }
  }

  @Test func whatFailsForAnotherReasonIsNoDivergence() throws {
    let sweep = try Sweep(spec(rates: "0.01"))
    #expect(throws: FileError.self) { try sweep.run(making: Broken()) { _ in } }
    #expect(
      try String(contentsOfFile: sweep.recordFile, encoding: .utf8).split(separator: "\n").count
        == 1)
  }

  @Test func aFolderOfSomebodyElseIsNamed() throws {
    #expect(
      complaint { _ = try Sweep(try spec(rates: "0.01"), folder: small("data")) }.hasSuffix(
        " in it; name another folder"))
  }
}
