import NeuralNetwork
import TestSupport
import Testing
import Training

/// Ranks that divide the update of a large dense kernel.
@Suite struct DividedMemoryTests {
  private static let inputs = [30, 30, 1] as Shape
  // 900 · 160 weights: more than 16,384 for each of up to eight ranks.
  private static let spec = ModelSpec("large", input: inputs) {
    Flatten()
    Dense(units: 160)
    ReLU()
    Dense(units: 3)
  }
  private static let data = ListedSamples.random(inputs, count: 120, classes: 3)
  /// Six steps in two epochs.
  private static var settings: TrainingSettings {
    var settings = TrainingSettings()
    (settings.batchSize, settings.epochs, settings.seed) = (40, 2, 1)
    settings.update = UpdateRule(Adam(), l2: 0.01, clipNorm: 0.1)
    settings.validationFraction = 0
    return settings
  }

  private static func trainer(
    _ ranks: any Ranks, data: ListedSamples = data, divides: Bool = true,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Trainer {
    var settings = settings
    change(&settings)
    let trainer = try Trainer(spec, settings: settings, data: data, threads: 1, ranks: ranks)
    trainer.dividesUpdates = divides && ranks.count > 1
    return trainer
  }

  private struct Step {
    let state: TrainingState
    let gradient: Tensor?
  }

  /// What there is after each step.
  private static func steps(
    _ trainer: Trainer, asking: Set<Int> = []
  ) throws -> [Step] {
    var steps: [Step] = []
    try trainer.run { event in
      guard case .step = event else { return .proceed }
      steps.append(Step(state: trainer.state, gradient: trainer.lastGradient))
      // One rank asks for all.
      if trainer.ranks.rank == trainer.ranks.count - 1, asking.contains(steps.count + 1) {
        trainer.requestWholeState()
      }
      return .proceed
    }
    return steps
  }

  @Test(arguments: [2, 3, 5, 8]) func theStateIsWholeAtTheEndOfEpochsAndWhereAsked(
    count: Int
  ) throws {
    let alone = try Self.steps(Self.trainer(Alone.only), asking: [2])
    #expect(alone.map(\.state.isDivided) == Array(repeating: false, count: 6))
    let all = try ThreadRanks.run(count) { try Self.steps(Self.trainer($0), asking: [5]) }
    for steps in all {
      #expect(steps.map(\.state.isDivided) == [true, true, false, true, false, false])
      for (number, (step, expected)) in zip(steps, alone).enumerated() {
        #expect(step.state.network.variables == expected.state.network.variables)
        #expect((step.state.optimizer == expected.state.optimizer) == !step.state.isDivided)
        #expect((step.gradient == expected.gradient) == [2, 5].contains(number))
      }
    }
  }

  @Test func nothingIsMissingWhereUpdatesAreNotDivided() throws {
    let alone = try Self.steps(Self.trainer(Alone.only))
    for steps in try ThreadRanks.run(3, { try Self.steps(Self.trainer($0, divides: false)) }) {
      for (step, expected) in zip(steps, alone) {
        #expect(!step.state.isDivided)
        #expect(step.state.network.variables == expected.state.network.variables)
        #expect(step.state.optimizer == expected.state.optimizer)
        #expect(step.gradient == expected.gradient)
      }
    }
  }

  // It has no memory that could be divided.
  @Test func plainGradientDescentIsAlwaysWhole() throws {
    let all = try ThreadRanks.run(2) { ranks in
      try Self.steps(Self.trainer(ranks) { $0.update = UpdateRule(SGD()) })
    }
    for steps in all { #expect(steps.allSatisfy { !$0.state.isDivided }) }
  }

  private static let refusal =
    "state: expected the whole of the optimizer's memory, as a Run saves it and has it after epochs, found a"
    + " part, as other ranks have the rest"

  @Test func aDividedStateIsNotResumed() throws {
    let said = try ThreadRanks.run(2) { ranks in
      let state = try Self.steps(Self.trainer(ranks))[0].state
      do {
        _ = try Trainer(state, settings: Self.settings, data: Self.data)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(said == [Self.refusal, Self.refusal])
  }

  @Test func aDividedStateCanBeginAnew() throws {
    let whole = try ThreadRanks.run(2) { ranks in
      let state = try Self.steps(Self.trainer(ranks))[0].state
      let again = try Trainer(
        state, settings: Self.settings, data: Self.data, restartsOptimizer: true)
      return (!again.state.isDivided, again.state.optimizer.step)
    }
    #expect(whole.allSatisfy { $0 == (true, 0) })
  }

  private struct Enough: Error {}

  // What an observer throws on all ranks ends the call in the middle; the next one goes on to the same bits.
  @Test func aRunGoesOnAfterAnErrorOfAllObservers() throws {
    let alone = try Self.trainer(Alone.only)
    try alone.run()
    let states = try ThreadRanks.run(3) { ranks in
      let trainer = try Self.trainer(ranks)
      #expect(throws: Enough.self) {
        try trainer.run { event in
          if case .step = event, trainer.state.optimizer.step == 2 { throw Enough() }
          return .proceed
        }
      }
      #expect(trainer.state.isDivided)
      try trainer.run()
      return trainer.state
    }
    for state in states {
      #expect(state.network.variables == alone.state.network.variables)
      #expect(state.optimizer == alone.state.optimizer)
    }
  }

  /// Of so many exchanges, the rest fail.
  private final class FailingRanks: Ranks {
    private let base: ThreadRanks
    private var left: Int

    init(_ base: ThreadRanks, after left: Int) { (self.base, self.left) = (base, left) }

    var rank: Int { base.rank }
    var count: Int { base.count }

    func exchange(
      _ sent: UnsafeBufferPointer<UnsafeRawBufferPointer>,
      _ received: UnsafeBufferPointer<UnsafeMutableRawBufferPointer>
    ) throws(RanksError) {
      guard left > 0 else { throw RanksError("no more") }
      left -= 1
      try base.exchange(sent, received)
    }
  }

  // Before a run three digests are compared; a step makes two exchanges, updates, and sends the new weights.
  @Test(arguments: [(3, false), (4, false), (5, true), (6, true), (7, true)])
  func aStateIsDividedWhereTheWeightsDidNotArrive(exchanges: Int, isDivided: Bool) throws {
    let divided = try ThreadRanks.run(2) { base in
      let trainer = try Self.trainer(FailingRanks(base, after: exchanges))
      #expect(throws: RanksError("no more")) { try trainer.run() }
      return trainer.state.isDivided
    }
    #expect(divided == [isDivided, isDivided])
  }

  // A sum over the batch that overflows in the part of one rank alone.
  @Test func aGradientThatIsTooLargeIsFoundByAllRanks() throws {
    let count = Self.inputs.count
    // All samples are bright in the last pixel alone.
    let values = (0..<120 * count).map { Float($0 % count == count - 1 ? 3e37 : 0) }
    let data = ListedSamples(shape: Self.inputs, values: values, labels: Self.data.labels)
    @Sendable func said(_ ranks: any Ranks) throws -> String {
      do {
        try Self.trainer(ranks, data: data) {
          $0.classWeights = .list([1000, 1000, 1000])
          $0.learningRate = 1e-30
        }.run()
        return ""
      } catch let error as DivergenceError {
        return "\(error)"
      }
    }
    let alone = try said(Alone.only)
    #expect(alone.contains("dense"))
    #expect(try ThreadRanks.run(3) { try said($0) } == [alone, alone, alone])
  }

  // The layer's norm is of the whole gradient, which no rank has by itself.
  @Test func aLargeGradientIsWarnedOfAsOneProcessDoes() throws {
    @Sendable func warnings(_ ranks: any Ranks) throws -> [TrainingWarning] {
      let data = ListedSamples(
        shape: Self.inputs, values: Self.data.values.map { $0 * 1000 }, labels: Self.data.labels)
      let trainer = try Self.trainer(ranks, data: data) {
        $0.update = UpdateRule(SGD())
        $0.learningRate = 1e-9
      }
      var warnings: [TrainingWarning] = []
      try trainer.run { event in
        if case .warning(let warning) = event { warnings.append(warning) }
        return .proceed
      }
      return warnings
    }
    let alone = try warnings(Alone.only)
    #expect(
      alone.contains {
        if case .largeGradient(let layer, _, _, _) = $0 { layer == "dense" } else { false }
      })
    let texts = alone.map { "\($0)" }
    #expect(
      try ThreadRanks.run(3) { try warnings($0).map { "\($0)" } } == [texts, texts, texts])
  }
}
