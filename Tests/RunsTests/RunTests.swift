import Checkpoints
import Files
import Foundation
import ImageData
import NeuralNetwork
import Runs
import Testing
import TestSupport
import Training

/// A run from its first step to its last, in a program that imports the library.
@Suite struct RunTests {
  @Test func aRunTellsSavesAndEnds() throws {
    let small = try SmallRun()
    var told: [String] = []
    let run = try small.begin()
    #expect(!run.hasSavedState && !run.isDone)
    let outcome = try run.train { event in
      switch event {
      case .step: if told.last != "steps" { told.append("steps") }
      case .epoch(let record, let isBest): told.append("epoch \(record.epoch) \(isBest)")
      case .saved(let file): told.append("saved \(file == small("small.weights.h5"))")
      case .warning, .stoppedEarly: told.append("\(event)")
      }
    }
    #expect(
      told == ["steps", "epoch 1 false", "saved true", "steps", "epoch 2 false", "saved true"])
    #expect(outcome.end == .finished && outcome.steps == 12 && outcome.epochs == 2)
    #expect(outcome.best == nil && outcome.bestFile == nil)
    #expect(run.isDone && run.hasSavedState)
    let checkpoint = try Checkpoint(contentsOf: small("small.weights.h5"))
    #expect(checkpoint.state.optimizer.step == 12)
    #expect(checkpoint.data?.paths == [] && checkpoint.data?.sha256.count == 64)
    #expect(checkpoint.classNames == ["0", "1", "2", "3"])
    // Nothing is left to do, and nothing is done.
    #expect(try run.train { _ in Issue.record("an event") }.end == .finished)
  }

  @Test func aRunWithAValidationSetOfItsOwnGoesOn() throws {
    var small = try SmallRun()
    small.settings.patience = 5
    let validation = try SmallRun.images(24, seed: 9)
    func begin(_ name: String, _ options: RunOptions) throws -> Run {
      try Run(
        model: SmallRun.model, data: small.data, validation: validation, settings: small.settings,
        saving: small(name), options: options)
    }
    try begin("whole.weights.h5", RunOptions(threads: 1)).train()
    let run = try begin("small.weights.h5", RunOptions(maxSteps: 8, threads: 2))
    #expect(run.validationCount == 24)
    #expect(try run.train().end == .reachedMaxSteps)
    let saved = try Checkpoint(contentsOf: small("small.weights.h5"))
    #expect(saved.validation?.sha256 == validation.sha256 && saved.validation?.paths == [])
    #expect(saved.state.history[0].validationAccuracy != nil)
    #expect(throws: RunError.dataNotNamed(state: small("small.weights.h5"), for: .validation)) {
      try Run(resuming: small("small.weights.h5"), data: small.data)
    }
    let other = try SmallRun.images(24, seed: 8)
    #expect(throws: RunError.self) {
      try Run(resuming: small("small.weights.h5"), data: small.data, validation: other)
    }
    try Run(resuming: small("small.weights.h5"), data: small.data, validation: validation).train()
    #expect(
      try Checkpoint(contentsOf: small("small.weights.h5")).stateSHA256()
        == Checkpoint(contentsOf: small("whole.weights.h5")).stateSHA256())
  }

  @Test func numbersInMemoryAreTrainedOnAndResumed() throws {
    let small = try SmallRun()
    let values = (0..<64).map { Float($0 % 8) / 8 }
    let data = ArraySamples(values, shape: [2], targets: (0..<32).map { values[2 * $0] })
    let model = ModelSpec("numbers", input: [2], layers: [Dense(units: 1)])
    var settings = small.settings
    settings.loss = MeanSquaredError()
    try Run(model: model, data: data, settings: settings, saving: small("a.weights.h5")).train()
    let again = try Run(resuming: small("a.weights.h5"), data: data, epochs: 3)
    #expect(try again.train().epochs == 3)
    #expect(try Checkpoint(contentsOf: small("a.weights.h5")).data?.sha256 == data.sha256)
    #expect(
      throws: FileError(
        .invalid, file: "samples in memory", place: "targets",
        expected: "2, one number for each output of wide", found: "1")
    ) {
      try Run(
        model: ModelSpec("wide", input: [2], layers: [Dense(units: 2)]), data: data,
        settings: settings, saving: small("b.weights.h5"))
    }
  }

  @Test func stopEndsItAfterTheStep() throws {
    var small = try SmallRun()
    small.settings.validationFraction = 0.25
    let run = try small.begin()
    let outcome = try run.train { event in
      if case .step(let report) = event, report.epoch == 2, report.batch == 2 { run.stop() }
    }
    #expect(outcome.end == .stopped && outcome.steps == 7 && outcome.epochs == 1)
    #expect(outcome.best?.epoch == 1 && outcome.bestFile == small("small.best.weights.h5"))
    #expect(try Checkpoint(contentsOf: outcome.file).state.optimizer.step == 7)
  }

  @Test func aRunThatWasStoppedGoesOn() throws {
    var small = try SmallRun()
    small.settings.validationFraction = 0.25
    try small.begin("whole.weights.h5", options: RunOptions(threads: 1)).train()
    for step in [1, 5, 7] {
      try {
        let run = try small.begin(
          options: RunOptions(replacesExisting: true, maxSteps: step, threads: 2))
        let outcome = try run.train()
        #expect(outcome.end == .reachedMaxSteps)
        #expect(outcome.steps == step)
        #expect(run.isDone)
      }()
      let again = try small.resume(options: RunOptions(threads: 3))
      #expect(try again.train().end == .finished)
      for name in ["", "best."] {
        let (one, other) = try (
          Checkpoint(contentsOf: small("whole.\(name)weights.h5")),
          Checkpoint(contentsOf: small("small.\(name)weights.h5"))
        )
        #expect(try one.stateSHA256() == other.stateSHA256(), "\(name)step \(step)")
      }
    }
  }

  @Test func theSameObjectGoesOn() throws {
    let small = try SmallRun()
    try small.begin("whole.weights.h5").train()
    let run = try small.begin()
    var ends: [RunOutcome.End] = []
    while ends.last != .finished {
      ends.append(try run.train { if case .step = $0 { run.stop() } }.end)
    }
    #expect(ends == Array(repeating: .stopped, count: 12) + [.finished])
    let states = try ["whole", "small"].map {
      try Checkpoint(contentsOf: small("\($0).weights.h5")).stateSHA256()
    }
    #expect(states[0] == states[1])
  }

  @Test func anErrorOfTheObserverSavesNothing() throws {
    struct Enough: Error {}
    let small = try SmallRun()
    let run = try small.begin(options: RunOptions(saveEvery: .steps(4)))
    #expect(throws: Enough.self) {
      try run.train { event in
        if case .step(let report) = event, report.batch == 5 { throw Enough() }
      }
    }
    #expect(try Checkpoint(contentsOf: small("small.weights.h5")).state.batch == 4)
  }

  @Test func statesAreSavedByStepsAndByTime() throws {
    let small = try SmallRun()
    func steps(_ interval: SavingInterval?) throws -> [Int] {
      var steps: [Int] = []
      let run = try small.begin(
        options: RunOptions(saveEvery: interval, replacesExisting: true))
      try run.train { if case .saved = $0 { steps.append(run.state.optimizer.step) } }
      return steps
    }
    #expect(try steps(nil) == [6, 12])
    // Once behind the last step of an epoch.
    #expect(try steps(.steps(4)) == [4, 6, 8, 12])
    #expect(try steps(.time(.nanoseconds(1))) == Array(1...12))
    #expect(try steps(.time(.seconds(1000))) == [6, 12])
  }

  @Test func earlierStatesAreKeptAndOfferedWhereTheLastIsBroken() throws {
    let small = try SmallRun()
    try small.begin(options: RunOptions(keep: 2)).train()
    let file = small("small.weights.h5")
    #expect(WholeFile.exists(small("small.1.weights.h5")))
    #expect(!WholeFile.exists(small("small.2.weights.h5")))
    try Data("broken".utf8).write(to: URL(fileURLWithPath: file))
    do {
      _ = try small.resume(epochs: 3)
      Issue.record("a broken state was taken")
    } catch let RunError.damaged(error, whole, place, target) {
      #expect(error.file == file && target == file)
      #expect(whole == small("small.1.weights.h5"))
      #expect(place == "after step 6 (the end of epoch 1)")
    }
    // What is offered does it.
    let again = try small.resume(
      "small.1.weights.h5", saving: "small.weights.h5", options: RunOptions(replacesExisting: true))
    #expect(try again.train().steps == 12)
  }

  @Test func patienceEndsARun() throws {
    var small = try SmallRun()
    small.settings.learningRate = 0
    small.settings.validationFraction = 0.25
    small.settings.patience = 2
    small.settings.epochs = 9
    var best: EpochRecord?
    let outcome = try small.begin().train {
      if case .stoppedEarly(let record) = $0 { best = record }
    }
    #expect(outcome.end == .stoppedEarly && outcome.epochs == 3)
    #expect(best == outcome.best && best?.epoch == 1)
  }

  @Test func numbersThatAreNotFiniteAreThrownAndNotSaved() throws {
    var small = try SmallRun()
    small.settings.update = UpdateRule(SGD())
    small.settings.learningRate = 1e30
    let run = try small.begin()
    #expect(throws: DivergenceError.self) { try run.train() }
    #expect(!run.hasSavedState && !WholeFile.exists(small("small.weights.h5")))
  }

  @Test func aRunIsStartedFromOtherWeights() throws {
    let small = try SmallRun()
    let first = try small.begin()
    try first.train()
    let second = try Run(
      model: SmallRun.model, data: small.data, settings: small.settings,
      saving: small("b.weights.h5"), initialWeights: InitialWeights(small("small.weights.h5")))
    #expect(second.weightTransfer?.anew == [])
    #expect(second.state.network.weightsSHA256 == first.state.network.weightsSHA256)
    #expect(second.state.optimizer.step == 0)
  }

  @Test(arguments: [
    (RunOptions(keep: 100), "keep: expected 0 to 99, found 100"),
    (RunOptions(maxSteps: 0), "max_steps: expected at least 1, found 0"),
    (RunOptions(threads: 0), "threads: expected 1 to 1024, found 0"),
    (RunOptions(saveEvery: .steps(0)), "save_every: expected at least 1, found 0"),
    (
      RunOptions(saveEvery: .time(.zero)),
      "save_every: expected more than no time, found 0.0 seconds"
    ),
  ]) func optionsThatMakeNoSenseAreNamed(options: RunOptions, message: String) throws {
    let small = try SmallRun()
    #expect(complaint { _ = try small.begin(options: options) } == message)
    #expect(!WholeFile.exists(small("small.weights.h5")))
  }

  @Test func aModelThatNoFileCanStateIsRefusedBeforeItTrains() throws {
    let small = try SmallRun()
    let model = ModelSpec("two words", input: [8, 8, 1], layers: SmallRun.model.layers)
    #expect(
      complaint {
        _ = try Run(model: model, data: small.data, saving: small("a.weights.h5"))
      } == "the model \"two words\" has a name or a setting that no model file can state")
  }
}
