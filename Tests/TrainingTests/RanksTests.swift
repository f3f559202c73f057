import ImageData
import NeuralNetwork
import TestSupport
import Testing
import Training

@Suite struct RanksTests {
  private static let spec = ModelSpec("small", input: [6, 6, 1]) {
    Conv2D(filters: 3, kernel: 3)
    ReLU()
    Flatten()
    Dense(units: 3)
  }

  private static var settings: TrainingSettings {
    var settings = TrainingSettings()
    (settings.batchSize, settings.epochs, settings.seed) = (40, 3, 1)
    settings.validationFraction = 0.25
    return settings
  }

  private static func data(_ count: Int = 160) -> ListedSamples {
    ListedSamples.random([6, 6, 1], count: count, classes: 3)
  }

  private static func trainer(
    _ ranks: any Ranks, data: ListedSamples = data(),
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Trainer {
    var settings = settings
    change(&settings)
    return try Trainer(spec, settings: settings, data: data, threads: 1, ranks: ranks)
  }

  /// What each of three ranks says of its run.
  private func runs(_ body: @escaping @Sendable (ThreadRanks) throws -> Void) throws -> [String] {
    try ThreadRanks.run(3) { ranks in
      do {
        try body(ranks)
        return ""
      } catch {
        return "\(error)"
      }
    }
  }

  @Test func aRankWithOtherSettingsIsNamed() throws {
    let said = try runs { ranks in
      try Self.trainer(ranks) { if ranks.rank == 1 { $0.update.l2 = 0.1 } }.run()
    }
    #expect(said == Array(repeating: "rank 1 begins with other settings than rank 0", count: 3))
  }

  @Test func aRankWithOtherSamplesIsNamed() throws {
    let said = try runs { ranks in
      try Self.trainer(ranks, data: Self.data(ranks.rank == 2 ? 161 : 160)).run()
    }
    #expect(said == Array(repeating: "rank 2 begins with other samples than rank 0", count: 3))
  }

  @Test func aRankWithOtherWeightsIsNamed() throws {
    let said = try runs { ranks in
      let trainer = try Self.trainer(Alone.only)
      trainer.lastStep = ranks.rank == 1 ? 2 : 1
      try trainer.run()
      var state = trainer.state
      if ranks.rank == 1 { state.optimizer.step = 1 }
      (state.batch, state.running) = (1, LossValue())
      try Trainer(
        state, settings: Self.settings, data: Self.data(), threads: 1, ranks: ranks
      ).run()
    }
    #expect(said == Array(repeating: "rank 1 begins with other weights than rank 0", count: 3))
  }

  // The wish travels with the next step.
  @Test(arguments: [0, 1, 2]) func allStopAfterTheSameStep(rank: Int) throws {
    let steps = try ThreadRanks.run(3) { ranks in
      let trainer = try Self.trainer(ranks)
      try trainer.run { event in
        guard case .step = event else { return .proceed }
        return ranks.rank == rank && trainer.state.optimizer.step == 4 ? .stop : .proceed
      }
      return trainer.state.optimizer.step
    }
    #expect(steps == [5, 5, 5])
  }

  @Test func theLastStepIsExact() throws {
    let steps = try ThreadRanks.run(3) { ranks in
      let trainer = try Self.trainer(ranks)
      trainer.lastStep = 4
      try trainer.run()
      let first = trainer.state.optimizer.step
      trainer.lastStep = nil
      try trainer.run()
      return [first, trainer.state.optimizer.step, trainer.state.epoch]
    }
    #expect(steps == Array(repeating: [4, 9, 3], count: 3))
  }

  @Test func numbersThatAreNotFiniteEndAllRanksAlike() throws {
    var alone = ""
    do {
      try Self.trainer(Alone.only) { $0.learningRate = 1e30 }.run()
    } catch {
      alone = "\(error)"
    }
    let said = try runs { ranks in try Self.trainer(ranks) { $0.learningRate = 1e30 }.run() }
    #expect(alone.contains("epoch 1"))
    #expect(said == Array(repeating: alone, count: 3))
  }

  @Test func aRankThatDoesNotComeIsNamed() throws {
    let said = try ThreadRanks.run(2, patience: 1) { ranks in
      do {
        if ranks.isFirst { try Self.trainer(ranks).run() }
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(said == ["rank 1 did not answer in time", ""])
  }

  @Test func bytesArriveAtEveryRank() throws {
    for count in 1...9 {
      let results = try ThreadRanks.run(count) { ranks in
        let own = [UInt8](repeating: UInt8(ranks.rank), count: ranks.rank * 3)
        let all = try ranks.gather(own)
        let first = try ranks.broadcast(ranks.isFirst ? [1, 2, 3] : [9])
        return (all, first, try ranks.gather(UInt64(ranks.rank * ranks.rank)))
      }
      for (all, first, numbers) in results {
        #expect(all == (0..<count).map { Array(repeating: UInt8($0), count: $0 * 3) })
        #expect(first == [1, 2, 3])
        #expect(numbers == (0..<UInt64(count)).map { $0 * $0 })
      }
    }
  }
}
