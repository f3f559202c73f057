import Checkpoints
import Foundation
import NeuralNetwork
import Runs
import TestSupport
import Testing
import Training

/// A run that is abandoned and resumed in one process.
@Suite struct ProofTests {
  @Test func anAbandonedRunEndsAsTheOneThatIsNot() throws {
    var small = try SmallRun()
    small.settings.validationFraction = 0.25
    small.settings.epochs = 4
    let proof = try ResumeProof(
      model: SmallRun.model, data: small.data, settings: small.settings, threads: 2)
    var told: [String] = []
    let outcome = try proof.run(breaks: 3) { event in
      switch event {
      case .ranThrough(let state, let seed, let threads):
        told.append("\(state.place), seed \(seed), \(threads) threads")
      case .abandoned(let place): told.append("\(place.afterStep)")
      case .run: break
      }
    }
    #expect(outcome.isSame && outcome.weights.whole.count == 64 && outcome.best != nil)
    #expect(outcome.seed == 3 && outcome.steps == 20 && outcome.breaks.count == 3)
    #expect(told.first == "after step 20 (the end of epoch 4), seed 3, 2 threads")
    #expect(told.dropFirst() == outcome.breaks.map { "\($0.afterStep)" }[...])
    #expect(outcome.breaks.allSatisfy { $0.resumedFromStep < $0.afterStep })
    #expect(outcome.breaks.map(\.threads) == [3, 4, 1])
    let steps = outcome.breaks.map(\.afterStep)
    #expect(steps == steps.sorted() && Set(steps).isSubset(of: Set(1..<20)))
  }

  @Test func samplesForValidationAloneAreThereInEveryRun() throws {
    var small = try SmallRun()
    small.settings.metrics = MetricList([F1()])
    let proof = try ResumeProof(
      model: SmallRun.model, data: small.data, validation: SmallRun.images(24, seed: 7),
      settings: small.settings, threads: 1)
    let outcome = try proof.run(breaks: 2)
    #expect(outcome.isSame && outcome.best != nil && outcome.steps == 12)
  }

  /// Makes runs that forget their place: the epoch that is under way begins anew.
  private struct Forgetful: RunMaker {
    func begin(_ task: RunTask) throws -> any RunUnderWay {
      if task.resumedFrom != nil {
        var state = try Checkpoint(contentsOf: task.file)
        state.state.batch = 0
        state.state.running = LossValue()
        try state.save(to: task.file)
      }
      return RunInProcess().begin(task)
    }
  }

  @Test func aRunThatDoesNotGoOnAsItWasIsSeen() throws {
    var small = try SmallRun()
    small.settings.epochs = 3
    let proof = try ResumeProof(
      model: SmallRun.model, data: small.data, settings: small.settings, threads: 1)
    let outcome = try proof.run(breaks: 4, making: Forgetful()) { _ in }
    #expect(!outcome.isSame && !outcome.state.isSame && outcome.best == nil)
  }

  /// Says of every run that it was stopped on its way, as if that had been asked for.
  private final class Abandoning: RunMaker, RunUnderWay {
    func begin(_ task: RunTask) -> any RunUnderWay { self }
    func poll(_ observer: (RunEvent) throws -> TrainingDecision) -> RunTaskEnd? { .abandoned }
    func stop() {}
  }

  @Test func aWrongCallIsNamedBeforeARunIsMade() async {
    let breaks = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let small = try SmallRun()
      _ = try ResumeProof(model: SmallRun.model, data: small.data, settings: small.settings)
        .run(breaks: -1) { _ in print("a run") }
    }
    let breaksMessage = String(decoding: breaks?.standardErrorContent ?? [], as: UTF8.self)
    #expect(breaksMessage.contains("a run can be abandoned 0 times or more, not -1"))
    let maker = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let small = try SmallRun()
      _ = try ResumeProof(model: SmallRun.model, data: small.data, settings: small.settings)
        .run(breaks: 1, making: Abandoning()) { _ in }
    }
    let makerMessage = String(decoding: maker?.standardErrorContent ?? [], as: UTF8.self)
    #expect(makerMessage.contains("a run that was to end after step its last ended abandoned"))
  }

  @Test func whatCannotBeProvedIsSaid() throws {
    var small = try SmallRun()
    small.settings.epochs = 1
    small.settings.batchSize = 96
    #expect(
      complaint {
        _ = try ResumeProof(model: SmallRun.model, data: small.data, settings: small.settings).run()
      } == "a run of 1 step is too short to be stopped; give it more epochs or samples")
    small.settings.batchSize = 16
    small.settings.update = UpdateRule(SGD())
    small.settings.learningRate = 1e30
    #expect(
      complaint {
        _ = try ResumeProof(model: SmallRun.model, data: small.data, settings: small.settings).run()
      }.hasPrefix("step 2 (epoch 1, batch 2): the "))
  }
}
