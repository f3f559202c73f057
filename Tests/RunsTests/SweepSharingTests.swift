import Files
import Foundation
import ImageData
import TestSupport
import Testing
import Training

@testable import Runs

/// Several sweeps of one file in one folder, and parts that share none.
@Suite struct SweepSharingTests {
  private let small: SmallRun

  init() throws {
    small = try SmallRun()
    try FileManager.default.createDirectory(
      atPath: small("data"), withIntermediateDirectories: false)
    let set = try SmallRun.images(96, seed: 1)
    try set.withPixels {
      try IDXWriter.writeImages(
        Array($0), height: 8, width: 8, to: small("data/train-images-idx3-ubyte"))
    }
    try IDXWriter.writeLabels(set.labels ?? [], to: small("data/train-labels-idx1-ubyte"))
    let model = """
      name: small
      input: [8, 8, 1]
      layers: [conv2d: {filters: 4, kernel: 3}, relu, flatten, dense: {units: 4}]
      training: {optimizer: sgd, batch_size: 16, epochs: 2}

      """
    try AtomicFile.write(Array(model.utf8), to: small("small.yaml"))
  }

  private func spec(_ more: String = "folds: 2") throws -> SweepSpec {
    try SweepSpec(
      text: "model: small.yaml\ndata: data\nseeds: [1, 2]\n\(more)\n", file: small("rates.yaml"))
  }

  /// The lines of a folder's records in order, without the seconds.
  private func records(_ folder: String) throws -> [[String]] {
    try String(contentsOfFile: small("\(folder)/runs.csv"), encoding: .utf8)
      .split(separator: "\n").sorted().map { line in
        var fields = try #require(CSV.fields(line))
        fields[5] = ""
        return fields
      }
  }

  @Test func eachMakesTheRunsThatNobodyElseMakes() throws {
    let (spec, folder) = (try spec(), small("shared"))
    let first = try Sweep(spec, folder: folder)
    var made: [[Int]] = [[], []]
    var waits = 0
    let table = try first.run { event in
      if case .made(let run, _) = event { made[0].append(run.number) }
      // In the middle of the first run another sweep makes all others, and finds this one under way.
      guard made[1].isEmpty, case .run(_, .step) = event else { return }
      let second = try Sweep(spec, folder: folder)
      let none = try second.run { event in
        if case .made(let run, _) = event { made[1].append(run.number) }
        if case .waiting(let runs) = event {
          #expect(runs == 1)
          waits += 1
          second.stop()
        }
      }
      #expect(none == nil && second.recorded == 3 && second.count == 4)
    }
    #expect(made == [[1], [2, 3, 4]] && waits == 1)
    #expect(table?.runs == 4 && !first.wasEndedElsewhere)
    _ = try Sweep(spec, folder: small("alone")).run()
    #expect(try records("shared") == records("alone"))
  }

  @Test func whoWaitsLearnsThatOthersHaveMadeTheRest() throws {
    let (spec, folder) = (try spec("score: validation\nfolds: 2"), small("shared"))
    let alone = try Sweep(spec, folder: small("alone"))
    let table = try alone.run()
    let names = try records("alone").compactMap(\.first).filter { $0 != "run" }
    let waiting = try Sweep(spec, folder: folder)
    var locks = try names.map { Held(try FileLock(for: "\(folder)/\($0)")) }
    let shared = try waiting.run { event in
      if case .started = event { Issue.record("a run that another one makes") }
      guard case .waiting = event, !locks.isEmpty else { return }
      let text = try WholeFile.read(small("alone/runs.csv"))
      try AtomicFile.write(text, to: "\(folder)/runs.csv")
      locks = []
    }
    #expect(waiting.wasEndedElsewhere && waiting.recorded == 4)
    #expect(shared?.rows.map(\.accuracy) == table?.rows.map(\.accuracy))
    // Asked once more, it has nothing to wait for.
    _ = try waiting.run()
    #expect(!waiting.wasEndedElsewhere)
  }

  private final class Held {
    let lock: FileLock
    init(_ lock: consuming FileLock) { self.lock = lock }
  }

  /// What a killed worker has started is still saving its last step.
  @Test func aRunThatIsBeingSavedIsNotTaken() throws {
    let spec = try spec()
    _ = try Sweep(spec, folder: small("alone")).run()
    let name = try #require(try records("alone").first?.first)
    let sweep = try Sweep(spec, folder: small("shared"))
    var state: Held? = Held(try FileLock(for: small("shared/\(name).weights.h5")))
    var numbers: [Int] = []
    try sweep.run { event in
      if case .started(let run) = event { numbers.append(run.number) }
      if case .waiting(1) = event { state = nil }
    }
    #expect(state == nil)
    #expect(numbers.count == 4 && numbers != numbers.sorted())
    #expect(try records("alone") == records("shared"))
  }

  @Test func partsMakeAllRunsOnceAndAreJoined() throws {
    let spec = try spec("folds: 3")
    let table = try Sweep(spec, folder: small("alone")).run()
    var numbers: [Int] = []
    for number in 1...2 {
      let part = try #require(SweepPart(number, of: 2))
      let sweep = try Sweep(spec, folder: small("parts"), part: part)
      let own = try sweep.run { if case .started(let run) = $0 { numbers.append(run.number) } }
      #expect(sweep.count == 3 && own?.runs == 3)
      guard number == 1 else { continue }
      let merge = try Sweep(spec, folder: small("parts")).merge()
      #expect(
        merge.missing.map(\.title) == [
          "2/6 small fold=1/3 seed 2", "4/6 small fold=2/3 seed 2", "6/6 small fold=3/3 seed 2",
        ])
      #expect(!WholeFile.exists(small("parts/table.csv")))
    }
    #expect(numbers == [1, 3, 5, 2, 4, 6])
    let merge = try Sweep(spec, folder: small("parts")).merge()
    #expect(merge.missing.isEmpty)
    #expect(merge.table.rows.map(\.accuracy) == table?.rows.map(\.accuracy))
    #expect(try records("parts") == records("alone"))
    // Merged again, nothing is there twice; and a sweep in the folder has nothing to do.
    _ = try Sweep(spec, folder: small("parts")).merge()
    #expect(try records("parts") == records("alone"))
    try Sweep(spec, folder: small("parts")).run { if case .started = $0 { Issue.record("a run") } }
  }

  @Test func partsAreNumberedFromOne() throws {
    let part = try #require(SweepPart("3/64"))
    #expect(part.description == "3/64" && part == SweepPart(3, of: 64))
    for text in [
      "", "3", "0/64", "65/64", "3/64/", "3/10001", "-1/2", "a/b", "3 /64", "3/6\u{301}4",
    ] {
      #expect(SweepPart(text) == nil, "\(text)")
    }
  }

  @Test func foldsAreOneRowWithAllImages() throws {
    let table = try #require(try Sweep(spec("folds: 3"), folder: small("alone")).run())
    #expect(table.rows.count == 1 && table.rows[0].settings.isEmpty)
    let row = table.rows[0]
    #expect(row.results.map(\.images) == [32, 32, 32, 32, 32, 32])
    #expect(row.results.map(\.seed) == [1, 2, 1, 2, 1, 2])
    #expect(
      row.results.map(\.settings) == [
        "fold=1/3", "fold=1/3", "fold=2/3", "fold=2/3", "fold=3/3", "fold=3/3",
      ])
    let mean = try #require(row.accuracy?.mean)
    #expect(row.interval == AccuracyInterval.of(mean, samples: 96))
  }

  @Test func threadsAreDividedAmongRuns() {
    #expect(SweepWorker<RunInProcess>.shares(of: 7, among: 3) == [3, 2, 2])
    #expect(SweepWorker<RunInProcess>.shares(of: 2, among: 4) == [1, 1, 1, 1])
    #expect(SweepWorker<RunInProcess>.shares(of: nil, among: 1) == [nil])
    #expect(SweepWorker<RunInProcess>.shares(of: 5, among: 1) == [5])
  }
}
