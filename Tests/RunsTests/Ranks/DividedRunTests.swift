import Checkpoints
import NeuralNetwork
import TestSupport
import Testing
import Training

@testable import Runs

/// What runs save between the ends of epochs where ranks divide the optimizer's memory.
@Suite struct DividedRunTests {
  // Two of the kernels, of 64 · 600 and 600 · 600 weights, are large enough for two ranks.
  private static let model = ModelSpec("large", input: [8, 8, 1]) {
    Flatten()
    Dense(units: 600)
    ReLU()
    Dense(units: 600)
    ReLU()
    Dense(units: 4)
  }

  /// The digests of what a run has saved, by the step, and how often its state was divided after a step.
  private static func saved(
    _ small: SmallRun, every interval: SavingInterval, maxSteps: Int? = nil,
    _ ranks: any Ranks = Alone.only
  ) throws -> (saved: [Int: String], divided: Int) {
    var options = RunOptions(maxSteps: maxSteps, threads: 1)
    options.saveEvery = interval
    let path = small("\(ranks.count).weights.h5")
    let run =
      try (try? Checkpoint(contentsOf: path)) == nil
      ? Run(
        model: model, data: small.data, settings: small.settings, saving: path, options: options,
        ranks: ranks)
      : Run(resuming: path, data: small.data, options: options, ranks: ranks)
    var saved: [Int: String] = [:], divided = 0
    try run.train { event in
      if case .step = event, run.state.isDivided { divided += 1 }
      guard case .saved(let path) = event else { return }
      saved[run.state.optimizer.step] = try Checkpoint(contentsOf: path).stateSHA256()
    }
    return (saved, divided)
  }

  private static func small() throws -> SmallRun {
    var small = try SmallRun()
    small.settings.update = UpdateRule(Adam())
    small.settings.learningRate = 0.001
    small.settings.validationFraction = 0
    return small
  }

  // Steps 6 and 12 end epochs; after a resumption in step 5 the next step is due.
  @Test(arguments: [1, 2, 3, 5]) func everySaveHasTheBitsOfOneProcess(interval: Int) throws {
    let small = try Self.small()
    let alone = try Self.saved(small, every: .steps(interval)).saved
    #expect(Set(alone.keys) == Set((1...12).filter { $0 % interval == 0 || $0 % 6 == 0 }))
    var found: [Int: String] = [:], divided = 0
    for maxSteps in [5, nil] {
      let joined = try Joined {
        let part = try Self.saved(small, every: .steps(interval), maxSteps: maxSteps, $0)
        found.merge(part.saved) { $1 }
        divided += part.divided
      }
      #expect(joined.errors == ["", ""])
    }
    #expect(found.removeValue(forKey: 5) != nil)
    #expect(found == alone.filter { $0.key != 5 })
    #expect(divided == 12 - alone.keys.filter { $0 != 5 }.count - 1)
  }

  // What is due by the clock is saved with the step after.
  @Test func savesByTimeAreWhole() throws {
    let small = try Self.small()
    let all = try Self.saved(small, every: .steps(1)).saved
    var found: [Int: String] = [:]
    let joined = try Joined {
      found = try Self.saved(small, every: .time(.microseconds(1)), $0).saved
    }
    #expect(joined.errors == ["", ""])
    #expect(found.count > 6)
    for (step, digest) in found { #expect(digest == all[step], "step \(step)") }
  }
}
