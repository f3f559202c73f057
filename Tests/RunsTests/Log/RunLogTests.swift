import Checkpoints
import Files
import Foundation
import TestSupport
import Testing
import Training

@testable import Runs

/// What a run writes for other programs.
@Suite struct RunLogTests {
  private struct Killed: Error {}

  private func options(_ small: SmallRun, events: Bool = false, replaces: Bool = false)
    -> RunOptions
  {
    RunOptions(
      saveEvery: .steps(2), replacesExisting: replaces, threads: 1,
      log: LogFolder(small("log"), hasEventFiles: events))
  }

  private func rows(_ small: SmallRun) throws -> [String] {
    try String(contentsOfFile: small("log/metrics.csv"), encoding: .utf8)
      .components(separatedBy: "\n").map {
        $0.components(separatedBy: ",").dropLast(2).joined(separator: ",")
      }
  }

  private func smallRun() throws -> SmallRun {
    var small = try SmallRun()
    small.settings.epochs = 3
    small.settings.validationFraction = 0.25
    small.settings.batchSize = 16
    return small
  }

  @Test func aRowIsWrittenForEachEpochFromTheState() throws {
    let small = try smallRun()
    var counts: [Int] = []
    try small.begin(options: options(small)).train { event in
      if case .epoch = event { counts.append(try self.rows(small).count) }
    }
    // The header, the epochs so far, and what follows the last line feed.
    #expect(counts == [3, 4, 5])
    let rows = try self.rows(small)
    #expect(
      rows[0] == "epoch,step,learning_rate,loss,accuracy,validation_loss,validation_accuracy")
    let history = try Checkpoint(contentsOf: small("small.weights.h5")).state.history
    for (row, record) in zip(rows.dropFirst(), history) {
      let fields = row.components(separatedBy: ",")
      #expect(fields[0] == "\(record.epoch)" && fields[1] == "\(record.epoch * 5)")
      let values = [
        record.learningRate, record.loss, record.accuracy, record.validationLoss,
        record.validationAccuracy,
      ]
      #expect(fields.dropFirst(2).map { Double($0) } == values)
    }
    let text = try String(contentsOfFile: small("log/metrics.csv"), encoding: .utf8)
    #expect(text.hasPrefix(rows[0] + ",seconds,images_per_second\n"))
  }

  /// Killed in the middle of an epoch, after one, and before its first save.
  @Test(arguments: [8, 10, 3])
  func aRunThatWasKilledWritesTheSameRows(step: Int) throws {
    let whole = try smallRun()
    try whole.begin(options: options(whole)).train()
    let small = try smallRun()
    #expect(throws: Killed.self) {
      let run = try small.begin(options: options(small))
      try run.train { event in
        if case .step = event, run.state.optimizer.step == step { throw Killed() }
      }
    }
    try small.resume(options: options(small)).train()
    #expect(try rows(small) == rows(whole))
  }

  @Test func rowsOfEpochsThatAreMadeAgainAreRemoved() throws {
    let small = try smallRun()
    let run = try small.begin(options: options(small))
    try run.train { event in
      if case .epoch(let record, _) = event, record.epoch == 1 {
        try FileManager.default.copyItem(
          atPath: small("small.weights.h5"), toPath: small("early.weights.h5"))
      }
    }
    let all = try rows(small)
    let again = try small.resume("early.weights.h5", options: options(small))
    #expect(try rows(small).count == 3)
    try again.train()
    #expect(try rows(small) == all)
  }

  /// Killed between the row of the first epoch and its state.
  @Test func aRunIsResumedWhoseLogIsAheadOfItsState() throws {
    let small = try smallRun()
    try small.begin(options: options(small)).train { event in
      if case .step = event, !FileManager.default.fileExists(atPath: small("early.weights.h5")),
        FileManager.default.fileExists(atPath: small("small.weights.h5"))
      {
        try FileManager.default.copyItem(
          atPath: small("small.weights.h5"), toPath: small("early.weights.h5"))
      }
    }
    let all = try rows(small)
    let early = try Checkpoint(contentsOf: small("early.weights.h5")).state
    #expect(early.history.isEmpty && early.optimizer.step > 0)
    let text = try String(contentsOfFile: small("log/metrics.csv"), encoding: .utf8)
    let ahead = text.components(separatedBy: "\n").prefix(2).joined(separator: "\n") + "\n"
    try small.folder?.write("log/metrics.csv", Array(ahead.utf8))
    try small.resume("early.weights.h5", options: options(small)).train()
    #expect(try rows(small) == all)
  }

  @Test func twoRunsAtOnceDoNotShareALog() throws {
    let small = try smallRun()
    let first = try small.begin(options: options(small))
    let error = #expect(throws: FileError.self) {
      _ = try small.begin("other.weights.h5", options: options(small))
    }
    #expect(
      small.folder?.sentence(error)
        == "log/metrics.csv: process \(getpid()) is writing to it; wait for it to end, or name another file"
    )
    try first.train()
    #expect(try rows(small).count == 5)
  }

  @Test func eventFilesOfAnotherRunStay() throws {
    let small = try smallRun()
    try small.begin(options: options(small, events: true)).train()
    try FileManager.default.removeItem(atPath: small("log/metrics.csv"))
    let error = #expect(throws: RunError.self) {
      _ = try small.begin("other.weights.h5", options: options(small, events: true))
    }
    #expect(
      small.folder?.sentence(error)
        == "log/metrics.csv: expected no log, or that of this run, found that of another run; name another folder,"
        + " or let it be replaced")
    let names = try FileManager.default.contentsOfDirectory(atPath: small("log"))
    #expect(names == ["events.out.tfevents.0000000001.minicnn"])
  }

  @Test func aMetricHasAColumnAndWhatIsMissingIsEmpty() throws {
    var record = EpochRecord(
      epoch: 2, loss: 0.5, accuracy: nil, validationLoss: 0.25, learningRate: 0.01, seconds: 0.5)
    record.validationMetrics = ["f1": 0.75]
    let table = MetricsTable(
      [record], metrics: ["f1", "within:low=1,high=2"], stepsPerEpoch: 7, samples: 100)
    #expect(
      table.text == """
        epoch,step,learning_rate,loss,accuracy,validation_loss,validation_accuracy,validation_f1,"validation_within:low=1,high=2",seconds,images_per_second
        2,14,0.01,0.5,,0.25,,0.75,,0.5,200

        """)
  }

  @Test func theLogOfAnotherRunAndAnyOtherFileStay() throws {
    let small = try smallRun()
    try small.begin(options: options(small)).train()
    var other = small
    other.settings.seed = 4
    func sentence(_ body: () throws -> Void) -> String? {
      small.folder?.sentence(#expect(throws: (any Error).self, performing: body))
    }
    #expect(
      sentence { _ = try other.begin("other.weights.h5", options: options(small)) }
        == "log/metrics.csv: expected no log, or that of this run, found that of another run; name another folder,"
        + " or let it be replaced")
    let before = try rows(small)
    try other.begin("other.weights.h5", options: options(small, replaces: true)).train()
    #expect(try rows(small).count == before.count && rows(small) != before)
    try small.folder?.write("log/metrics.csv", Array("shopping\nlist\n".utf8))
    #expect(
      sentence { _ = try small.begin("third.weights.h5", options: options(small, replaces: true)) }
        == "log/metrics.csv: expected the log of a run, found another file; name another folder, or remove this file"
    )
    try small.folder?.write("file", [])
    let wrong = RunOptions(log: LogFolder(small("file")))
    #expect(
      sentence { _ = try small.begin("fourth.weights.h5", options: wrong) }
        == "file/metrics.csv: cannot write: not a directory")
  }

  @Test func aLogChangesNothingOfTheRun() throws {
    let plain = try smallRun(), logged = try smallRun()
    try plain.begin(options: RunOptions(threads: 1)).train()
    try logged.begin(options: options(logged, events: true)).train()
    #expect(
      try Checkpoint(contentsOf: plain("small.weights.h5")).stateSHA256()
        == Checkpoint(contentsOf: logged("small.weights.h5")).stateSHA256())
  }
}
