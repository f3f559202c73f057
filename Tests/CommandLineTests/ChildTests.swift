import Files
import Foundation
import MiniCNN
import TestSupport
import Testing

@testable import CommandLineTool

/// What becomes of a training process that another command has started.
@Suite struct ChildTests {
  /// A terminal sends Ctrl-C to a command and to all that it has started.
  @Test func ctrlCInASweepSavesTheRun() throws {
    let place = try Workplace(images: 6000)
    try place.write(
      "{model: small.yaml, data: data, seeds: [1], score: test, settings: {epochs: 2000}}\n",
      to: "long.yaml")
    let stopped = try place.run("sweep long.yaml --threads 1") { process in
      place.waitForText(in: "long.sweep/messages.txt")
      // The tests start each program in a group of its own.
      kill(-process, SIGINT)
    }
    #expect(stopped.status == 130)
    let states = try FileManager.default.contentsOfDirectory(atPath: place("long.sweep"))
      .filter { $0.hasSuffix("-1.weights.h5") }
    let state = try place.inspect("long.sweep/\(try #require(states.first))")
    let steps = try #require(state["steps"] as? Int)
    #expect(steps < 2000 * 375)
  }

  /// The lock of a run goes with its process, so whoever can take it knows that the run is gone.
  private func isFree(_ state: String) -> Bool {
    for _ in 0..<500 {
      if (try? FileLock(for: state)) != nil { return true }
      usleep(10_000)
    }
    return false
  }

  @Test func aSweepThatIsKilledTakesItsRunAlong() throws {
    let place = try Workplace(images: 6000)
    try place.write(
      "{model: small.yaml, data: data, seeds: [1], score: test, settings: {epochs: 200000}}\n",
      to: "long.yaml")
    let killed = try place.run("sweep long.yaml --threads 1") { process in
      place.waitForText(in: "long.sweep/messages.txt")
      kill(process, SIGKILL)
    }
    #expect(killed.status == 128 + SIGKILL)
    let models = try FileManager.default.contentsOfDirectory(atPath: place("long.sweep"))
    let name = try #require(models.first { $0.hasSuffix(".yaml") }).dropLast(".yaml".count)
    #expect(isFree(place("long.sweep/\(name)-1.weights.h5")))
    // It was stopped and not killed: its state is there.
    #expect(try place.inspect("long.sweep/\(name)-1.weights.h5")["steps"] is Int)
  }

  #if os(Linux)
    @Test func aProofThatIsKilledTakesItsRunAlong() throws {
      let place = try Workplace(images: 6000)
      var children: [pid_t] = []
      let killed = try place.run(
        "verify-resume --model small.yaml --data data --threads 1 --epochs 200000"
      ) { process in
        for _ in 0..<1000 where children.isEmpty {
          usleep(10_000)
          let list = try? String(
            contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
          children = (list ?? "").split(separator: " ").compactMap { pid_t($0) }
        }
        usleep(300_000)
        kill(process, SIGKILL)
      }
      #expect(killed.status == 128 + SIGKILL)
      let child = try #require(children.first)
      var isGone = false
      for _ in 0..<500 where !isGone {
        usleep(10_000)
        let status = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
        isGone = status.map { $0.contains(") Z ") } ?? true
      }
      #expect(isGone)
    }
  #endif

  /// A task whose process has left its messages in a folder.
  private func task(_ place: Workplace, abandonedAfter: Int? = nil) throws -> RunTask {
    let model = try ModelFile(contentsOf: place("small.yaml"))
    return RunTask(
      title: "a run", model: model, modelFile: place("small.yaml"),
      settings: try model.training.resolve(defaultSeed: 0),
      data: try LabelledData(DataFolder(place("data")), split: .train),
      file: place("a.weights.h5"), resumedFrom: nil, options: RunOptions(),
      abandonedAfter: abandonedAfter)
  }

  @Test func onlyARunThatSaysSoHasDiverged() throws {
    let place = try Workplace()
    let task = try task(place)
    try place.write("warning: a\nerror: the machine is out of order\n", to: "messages.txt")
    let reason = "step 2 (epoch 1, batch 2): the loss is no longer finite"
    #expect(
      try Child(status: 1, reports: [.warning("a"), .diverged(reason)]).end(of: task)
        == .diverged(reason))
    let error = #expect(throws: Failure.self) { try Child(status: 1, reports: []).end(of: task) }
    #expect(error?.code == .failed && error?.description == "the machine is out of order")
    #expect(try Child(status: 0, reports: []).end(of: task) == .finished)
    #expect(try Child(status: 143, reports: []).end(of: task) == .stopped)
    let killed = #expect(throws: Failure.self) { try Child(status: 137, reports: []).end(of: task) }
    #expect(
      killed?.code == .failed
        && killed?.description == "a run: ended by signal 9 before it was done")
    #expect(
      try Child(status: 137, reports: []).end(of: self.task(place, abandonedAfter: 3))
        == .abandoned)
  }

  @Test(arguments: [
    Supervision.Report.warning("layer relu: 2 of 4 units fire"), .diverged("step 2: the loss"),
    .progress(0.25),
  ]) func whatARunSaysIsReadBack(report: Supervision.Report) {
    #expect(Supervision.Report(line: report.line.dropLast()) == report)
    for line in ["else what", "progress 2", "progress nan", "progress x"] {
      #expect(Supervision.Report(line: line) == nil)
    }
  }
}
