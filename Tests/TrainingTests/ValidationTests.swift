import ImageData
import NeuralNetwork
import Testing

@testable import Training

/// Which samples validate: a share of those that train, or a set of their own.
@Suite struct ValidationTests {
  /// Samples of two numbers of which each class has as many as is stated.
  private static func samples(_ counts: [Int], seed: UInt64 = 1) -> ArraySamples {
    var random = CounterRandom(seed: seed, .test)
    let labels = counts.enumerated().flatMap { [Int](repeating: $0, count: $1) }
    return ArraySamples(
      labels.flatMap { [Float($0) + random.uniform(-0.4, 0.4), random.uniform(-1, 1)] },
      shape: [2], labels: labels)
  }

  private static let spec = ModelSpec("linear", input: [2], layers: [Dense(units: 3)])

  private static func settings(
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.learningRate = 0.05
    settings.batchSize = 16
    settings.epochs = 3
    settings.seed = 3
    change(&settings)
    return settings
  }

  private func error(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func aStratifiedSplitKeepsTheSharesOfClasses() throws {
    let data = Self.samples([101, 17, 6])
    for (fraction, expected) in [(0.25, [25, 4, 2]), (0.1, [10, 2, 0]), (0.5, [51, 8, 3])] {
      for seed: UInt64 in 0..<5 {
        let settings = Self.settings {
          $0.validationFraction = fraction
          $0.stratifies = true
          $0.seed = seed
        }
        let split = try SampleSplit(data, settings: settings)
        let held = data.labels(split.validation)
        #expect((0..<3).map { label in held.count { $0 == label } } == expected)
        #expect(Set(split.training).isDisjoint(with: split.validation))
        #expect((split.training + split.validation).sorted() == (0..<124).map { Int32($0) })
        #expect(split.training == split.training.sorted())
      }
    }
    // Whatever the classes, as many are held out as without.
    let plain = Self.settings { $0.validationFraction = 0.25 }
    #expect(try SampleSplit(data, settings: plain).validation.count == 31)
    #expect(
      error {
        _ = try SampleSplit(
          ArraySamples([1, 2, 3, 4], shape: [1], targets: [1, 2, 3, 4]),
          settings: Self.settings {
            $0.validationFraction = 0.25
            $0.stratifies = true
          })
      } == "stratify: expected false, as the samples have no classes, found true")
  }

  @Test func aSetOfItsOwnValidates() throws {
    let data = Self.samples([40, 40, 40]), other = Self.samples([10, 10, 10], seed: 2)
    let settings = Self.settings { $0.patience = 2 }
    let trainer = try Trainer(
      Self.spec, settings: settings, data: data, validation: other, threads: 2)
    #expect(trainer.split.training.count == 120 && trainer.split.validation.isEmpty)
    #expect(trainer.validationCount == 30)
    try trainer.run()
    let last = try #require(trainer.state.history.last)
    let evaluation = Evaluation(trainer.state.network, on: other)
    #expect(last.validationAccuracy == evaluation.accuracy)
    #expect(last.validationLoss == evaluation.loss)
    #expect(trainer.state.best != nil)
  }

  @Test func anotherSetIsRefused() throws {
    let data = Self.samples([40, 40, 40]), other = Self.samples([10, 10, 10], seed: 2)
    func begin(
      _ validation: (any SampleSource)?, _ change: (inout TrainingSettings) -> Void = { _ in }
    ) -> String {
      error {
        _ = try Trainer(
          Self.spec, settings: Self.settings(change), data: data, validation: validation,
          threads: 1)
      }
    }
    #expect(begin(other) == "no error")
    #expect(
      begin(other) { $0.validationFraction = 0.25 }
        == "validation_fraction: expected 0 beside samples for validation alone, found 0.25")
    #expect(
      begin(data)
        == "validation data: expected other samples than those that train, found the SHA-256 \(data.sha256 ?? "") of both"
    )
    #expect(
      begin(ArraySamples([1, 2], shape: [2], targets: [1, 2, 3], targetShape: [3]))
        == "validation data: expected targets of the kind that train, found others")
    #expect(
      begin(ArraySamples([1, 2], shape: [2], labels: [3]))
        == "data: expected labels from 0 to 2, one for each output, found 3 of sample 0")
    #expect(
      begin(ArraySamples([1, 2], shape: [1], labels: [0, 0]))
        == "data: expected samples of 2, as the model takes them, found samples of 1")

    let trainer = try Trainer(
      Self.spec, settings: Self.settings(), data: data, validation: other, threads: 1)
    try trainer.run { _ in .stop }
    func resume(_ validation: (any SampleSource)?) -> String {
      error {
        _ = try Trainer(
          trainer.state, settings: Self.settings(), data: data, validation: validation,
          threads: 1)
      }
    }
    #expect(resume(other) == "no error")
    #expect(
      resume(nil) == "validation data: expected 30 samples, as the run began with, found none")
    let third = Self.samples([10, 10, 10], seed: 3)
    #expect(
      resume(third)
        == "validation data: expected the SHA-256 \(other.sha256 ?? ""), as the run began with, found the SHA-256 \(third.sha256 ?? "")"
    )
    let plain = try Trainer(Self.spec, settings: Self.settings(), data: data, threads: 1)
    try plain.run { _ in .stop }
    #expect(
      error {
        _ = try Trainer(
          plain.state, settings: Self.settings(), data: data, validation: other, threads: 1)
      } == "validation data: expected none, as the run began with, found 30 samples")
  }
}
