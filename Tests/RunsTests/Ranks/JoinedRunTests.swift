import Checkpoints
import Files
import Foundation
import ImageData
import NeuralNetwork
import Testing
import TestSupport
import Training

@testable import Runs

/// Runs that several ranks make together, from the first step to the last.
@Suite struct JoinedRunTests {
  private static func digest(_ path: String) throws -> String {
    try Checkpoint(contentsOf: path).stateSHA256()
  }

  private static func small() throws -> SmallRun {
    var small = try SmallRun()
    small.settings.validationFraction = 0.25
    small.settings.weightAverage = 0.9
    return small
  }

  private static func begin(
    _ small: SmallRun, _ ranks: any Ranks, _ options: RunOptions = RunOptions(threads: 1)
  ) throws -> Run {
    try Run(
      model: SmallRun.model, data: small.data, settings: small.settings,
      saving: small("small.weights.h5"), options: options, ranks: ranks)
  }

  @Test func ranksEndWithTheBitsOfOne() throws {
    let small = try Self.small()
    try small.begin("alone.weights.h5").train()
    var followed: TrainingState?
    let joined = try Joined(ranks: 3) { ranks in
      let run = try Self.begin(small, ranks)
      #expect(run.threadsOfRanks == [1, 2, 2] && run.threads == 1)
      let outcome = try run.train()
      #expect(outcome.end == .finished && outcome.steps == 10)
    } _: { ranks in
      let run = try FollowingRun(ranks: ranks, threads: 2)
      try run.train()
      #expect(run.isDone && run.threads == 2)
      if ranks.rank == 2 { followed = run.state }
      try run.train()
    }
    #expect(joined.errors == ["", "", ""])
    for name in ["", "best."] {
      #expect(
        try Self.digest(small("small.\(name)weights.h5"))
          == Self.digest(small("alone.\(name)weights.h5")))
    }
    let saved = try Checkpoint(contentsOf: small("small.weights.h5")).state
    #expect(followed?.facts == saved.facts)
  }

  /// Stopped by a number of steps on two ranks, by the wish of one on three, and ended alone.
  @Test func aRunGoesOnOnAnyNumberOfRanks() throws {
    let small = try Self.small()
    try small.begin("alone.weights.h5").train()
    let path = small("small.weights.h5")
    let first = try Joined {
      let run = try Self.begin(small, $0, RunOptions(maxSteps: 3, threads: 1))
      #expect(try run.train().end == .reachedMaxSteps)
    }
    #expect(first.errors == ["", ""])
    #expect(try Checkpoint(contentsOf: path).state.optimizer.step == 3)
    let second = try Joined(ranks: 3) {
      let run = try Run(resuming: path, data: small.data, ranks: $0)
      #expect(try run.train().end == .stopped)
    } _: { ranks in
      let run = try FollowingRun(ranks: ranks, threads: 1)
      try run.train { ranks.rank == 2 && (run.state?.optimizer.step ?? 0) >= 7 }
      #expect(!run.isDone)
    }
    #expect(second.errors == ["", "", ""])
    let step = try Checkpoint(contentsOf: path).state.optimizer.step
    #expect((7...8).contains(step))
    #expect(try Run(resuming: path, data: small.data).train().end == .finished)
    #expect(try Self.digest(path) == Self.digest(small("alone.weights.h5")))
  }

  @Test func aWishOfTheFirstRankStopsAll() throws {
    let small = try Self.small()
    let joined = try Joined {
      let run = try Self.begin(small, $0)
      let outcome = try run.train {
        if case .step = $0, run.state.optimizer.step == 2 { run.stop() }
      }
      #expect(outcome.end == .stopped && (2...3).contains(outcome.steps))
      #expect(run.hasSavedState)
    } _: {
      let run = try FollowingRun(ranks: $0, threads: 1)
      try run.train()
      #expect((2...3).contains(run.state?.optimizer.step ?? 0))
      // The first rank's next call is another one here.
    }
    #expect(joined.errors == ["", ""])
  }

  @Test func oneThatIsStoppedBeforeItsFirstStepMakesNone() throws {
    let small = try Self.small()
    let joined = try Joined {
      let outcome = try Self.begin(small, $0).train()
      #expect(outcome.end == .stopped && outcome.steps == 0)
    } _: {
      let run = try FollowingRun(ranks: $0, threads: 1)
      try run.train { true }
      #expect(run.state?.optimizer.step == 0)
    }
    #expect(joined.errors == ["", ""])
  }

  /// What an observer throws, or a disk that is full, concerns the first rank alone.
  @Test func anErrorOfTheFirstRankEndsAllAndSavesNothing() throws {
    struct Enough: Error, CustomStringConvertible { let description = "enough" }
    for step in [2, 5, 10] {
      let small = try Self.small()
      let joined = try Joined(ranks: 3) {
        let run = try Self.begin(small, $0)
        defer { #expect(run.hasSavedState == (step > 5)) }
        try run.train { event in
          if case .step = event, run.state.optimizer.step == step { throw Enough() }
        }
      }
      let told = "\(Joined.name(0)) has ended the run: enough"
      #expect(joined.errors == ["enough", told, told], "step \(step)")
      #expect(WholeFile.exists(small("small.weights.h5")) == (step > 5))
    }
  }

  @Test func aStateThatCannotBeSavedEndsAll() throws {
    let small = try Self.small()
    let joined = try Joined {
      let run = try Self.begin(small, $0)
      // The folder of the file goes away while it trains.
      try run.train { event in
        if case .step = event, run.state.optimizer.step == 2, let folder = small.folder {
          try FileManager.default.removeItem(atPath: folder.path)
        }
      }
    }
    #expect(joined.errors[0].contains("weights.h5: "))
    #expect(joined.errors[1] == "\(Joined.name(0)) has ended the run: \(joined.errors[0])")
  }

  @Test func numbersThatAreNotFiniteEndAllRanksAlike() throws {
    var small = try SmallRun()
    small.settings.update = UpdateRule(SGD())
    small.settings.learningRate = 1e30
    let run = small
    let joined = try Joined { try Self.begin(run, $0).train() }
    #expect(joined.errors[0].hasPrefix("step ") && joined.errors[1] == joined.errors[0])
    #expect(!WholeFile.exists(small("small.weights.h5")))
  }

  /// A rank that follows like any other, but has come to other weights after an epoch.
  private static func stray(_ ranks: any Ranks, after epoch: Int) throws {
    let group = try RankGroup.form(of: ranks) {}.0
    let start = try #require(try ReceivedStart(over: ranks))
    let trainer = try group.make {
      try start.trainer(threads: 1, ranks: ranks)
    } alike: {
      start.facts(of: $0.state)
    }
    _ = try group.gather(threads: 1, of: 1)
    try group.meet()
    try trainer.run { event in
      guard case .epoch(let record, _) = event else { return .proceed }
      var state = trainer.state
      if record.epoch == epoch { state.network.variables.mutablePointer()[3] += 1 }
      try group.meet(state.facts)
      return .proceed
    }
  }

  @Test func aRankThatHasComeToOtherWeightsIsNamedAndNothingOfItIsSaved() throws {
    let small = try Self.small()
    let joined = try Joined(ranks: 3) {
      let run = try Self.begin(small, $0)
      try run.train()
    } _: { ranks in
      if ranks.rank == 2 {
        try Self.stray(ranks, after: 2)
      } else {
        try FollowingRun(ranks: ranks).train()
      }
    }
    let saved = try Checkpoint(contentsOf: small("small.weights.h5"))
    #expect(saved.state.epoch == 1)
    let sentence = joined.errors[0]
    #expect(
      sentence.hasPrefix("\(Joined.name(2)): weights: expected the SHA-256 ")
        && sentence.contains(", as \(Joined.name(0)) has, found the SHA-256 "))
    #expect(joined.errors == [sentence, sentence, sentence])
  }

  @Test func aRankThatMishearsAnotherIsNamedAfterTheEpoch() throws {
    let small = try Self.small()
    let joined = try Joined {
      try Self.begin(small, $0).train()
    } _: {
      let ranks = MisheardRanks($0)
      let run = try FollowingRun(ranks: ranks, threads: 1)
      // In the second epoch, of five steps like the first: what is misheard in a step's first exchange every
      // rank gets back with the sums, so that it shows on none; in the second one are the sums.
      try run.train {
        if run.state?.optimizer.step == 7 { ranks.exchangesLeft = 1 }
        return false
      }
    }
    #expect(joined.errors[0].hasPrefix("\(Joined.name(1)): "))
    #expect(joined.errors[1] == joined.errors[0])
    #expect(try Checkpoint(contentsOf: small("small.weights.h5")).state.optimizer.step == 5)
  }
}
