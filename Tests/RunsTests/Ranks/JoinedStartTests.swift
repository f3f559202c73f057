import Checkpoints
import Files
import Foundation
import ImageData
import NeuralNetwork
import Testing
import TestSupport
import Training

@testable import Runs

/// What several ranks begin with, and what happens where one of them cannot begin.
@Suite struct JoinedStartTests {
  /// A run with an average of the weights, stopped inside its second epoch.
  private static func stopped(_ optimizer: any Optimizer) throws -> SmallRun {
    var small = try SmallRun()
    small.settings.update = UpdateRule(optimizer, l2: 0.001, clipNorm: 1)
    small.settings.learningRate = optimizer.defaultLearningRate
    small.settings.weightAverage = 0.9
    small.settings.validationFraction = 0.25
    small.settings.metrics = MetricList([F1()])
    small.settings.epochs = 3
    try small.begin(options: RunOptions(maxSteps: 7, threads: 1)).train()
    return small
  }

  @Test func everyBitOfAResumedStateArrives() throws {
    for type in OptimizerRegistry.all {
      let kind = type.kind
      let small = try Self.stopped(type.prototype)
      var states: [Int: TrainingState] = [:]
      let joined = try Joined {
        states[0] = try small.resume(options: RunOptions(threads: 1)).state
        _ = try Run(
          resuming: small("small.weights.h5"), data: small.data, options: RunOptions(threads: 1),
          ranks: $0)
      } _: {
        states[1] = try FollowingRun(ranks: $0, threads: 1).state
      }
      #expect(joined.errors == ["", ""])
      let (own, sent) = (try #require(states[0]), try #require(states[1]))
      #expect(own.facts == sent.facts, "\(kind)")
      #expect(own.optimizer == sent.optimizer && own.average == sent.average, "\(kind)")
      #expect(own.network.variables == sent.network.variables, "\(kind)")
      #expect(own.basis == sent.basis && own.history == sent.history && own.best == sent.best)
      #expect(own.epoch == 1 && sent.epoch == 1 && own.batch == sent.batch && own.batch > 0)
      #expect(own.running == sent.running && own.runningSeconds == sent.runningSeconds)
    }
  }

  @Test func theFirstRankMayReadForLongerThanTheOthersWaitElsewhere() throws {
    let meetings = try ThreadRanks.run(2, patience: 1) { ranks in
      let (group, _) = try RankGroup.form(of: ranks) {
        if ranks.isFirst { Thread.sleep(forTimeInterval: 1.5) }
      }
      return ranks.hasTimeLimit && group.names.count == 2
    }
    #expect(meetings == [true, true])
  }

  @Test func settingsArriveToTheLastBit() throws {
    var small = try SmallRun()
    small.settings.seed = .max
    small.settings.learningRate = 0.1 + .ulpOfOne
    small.settings.shards = 3
    small.settings.hasFirstShards = true
    let settings = small.settings
    var sent: TrainingSettings?
    let joined = try Joined {
      _ = try Run(
        model: SmallRun.model, data: small.data, settings: settings, saving: small("a.weights.h5"),
        ranks: $0)
    } _: {
      sent = try FollowingRun(ranks: $0).settings
    }
    #expect(joined.errors == ["", ""])
    let found = try #require(sent)
    #expect(TrainingOptions(found) == TrainingOptions(settings))
    #expect(found.seed == .max && found.learningRate == settings.learningRate)
    #expect(found.hasFirstShards)
  }

  @Test func whatPreventsTheFirstRankFromBeginningEndsAll() throws {
    let small = try SmallRun()
    try small.begin().train()
    let path = small("small.weights.h5")
    let joined = try Joined(ranks: 3) {
      _ = try Run(
        model: SmallRun.model, data: small.data, settings: small.settings, saving: path, ranks: $0)
    }
    let reason = "\(RunError.exists(path: path))"
    let told = "\(Joined.name(0)) has ended the run: \(reason)"
    #expect(joined.errors == [reason, told, told])
  }

  @Test func whatFailsBeforeARunIsMadeEndsAll() throws {
    struct NoModel: Error, CustomStringConvertible { let description = "there is no model" }
    let joined = try Joined { try $0.preparing { throw NoModel() } }
    #expect(
      joined.errors
        == ["there is no model", "\(Joined.name(0)) has ended the run: there is no model"])
    // Where nothing fails nobody is told.
    #expect(try Alone.only.preparing { 7 } == 7)
  }

  @Test func aModelThatNoFileCanStateEndsAll() throws {
    let small = try SmallRun()
    let model = ModelSpec("a name with spaces", input: [8, 8, 1], layers: SmallRun.model.layers)
    let joined = try Joined {
      _ = try Run(
        model: model, data: small.data, settings: small.settings, saving: small("a.weights.h5"),
        ranks: $0)
    }
    #expect(joined.errors[0] == "\(ModelError(unstatable: model))")
    #expect(joined.errors[1].hasPrefix("\(Joined.name(0)) has ended the run: "))
  }

  /// The others have received the run by then.
  @Test func aLogOfAnotherRunEndsAll() throws {
    let small = try SmallRun()
    let log = LogFolder(small("log"))
    try small.begin("a.weights.h5", options: RunOptions(log: log)).train()
    let joined = try Joined {
      _ = try Run(
        model: SmallRun.model, data: small.data, settings: small.settings,
        saving: small("b.weights.h5"), options: RunOptions(log: log), ranks: $0)
    }
    #expect(joined.errors[0].contains("metrics.csv: expected no log, or that of this run"))
    #expect(joined.errors[1] == "\(Joined.name(0)) has ended the run: \(joined.errors[0])")
    #expect(!WholeFile.exists(small("b.weights.h5")))
  }

  @Test func whereNothingIsLeftToDoNobodyTrains() throws {
    let small = try SmallRun()
    try small.begin().train()
    let joined = try Joined {
      let run = try Run(
        resuming: small("small.weights.h5"), data: small.data, ranks: $0)
      #expect(run.isDone && run.threadsOfRanks.isEmpty)
      #expect(try run.train().end == .finished)
    } _: {
      let run = try FollowingRun(ranks: $0)
      #expect(run.isDone && run.state == nil && run.threads == 0)
      try run.train()
    }
    #expect(joined.errors == ["", ""])
  }

  @Test func aRankThatDiffersIsNamed() throws {
    for differing in 1...2 {
      let joined = try Joined(ranks: 3) { ranks in
        try RankGroup(ranks).meet([RankReport.Fact("data", "abc"), RankReport.Fact("x", "1")])
      } _: { ranks in
        let value = ranks.rank >= differing ? "abd" : "abc"
        try RankGroup(ranks).meet([RankReport.Fact("data", value), RankReport.Fact("x", "2")])
      }
      let found = differing == 1 ? ("data", "abc", "abd") : ("x", "1", "2")
      let sentence =
        "\(Joined.name(1)): \(found.0): expected \(found.1), as \(Joined.name(0)) has, found \(found.2)"
      #expect(joined.errors == [sentence, sentence, sentence])
    }
  }

  @Test func ranksThatRunTheSameAgree() throws {
    let facts = try RankIdentity.facts()
    #expect(facts.map(\.name) == ["program", "arithmetic"])
    #expect(facts[0].value.count == "the SHA-256 ".count + 64)
    #expect(facts[1].value == InstructionSet.arithmetic)
    let joined = try Joined(ranks: 3) {
      _ = try RankGroup.form(of: $0) {}
    } _: {
      _ = try RankGroup.form(of: $0) {}
    }
    #expect(joined.errors == ["", "", ""])
  }
}
