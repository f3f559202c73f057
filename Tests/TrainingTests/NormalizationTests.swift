import Foundation
import NeuralNetwork
import TestSupport
import Testing
import Training

/// What a run learns of its training samples before the first step.
@Suite struct NormalizationTests {
  /// 90 images of two channels: one varies, the other one is always 0.3.
  private static let data: ListedSamples = {
    var random = CounterRandom(seed: 6, .test)
    let shape: Shape = [5, 4, 2]
    let values = (0..<90 * 20).flatMap { _ -> [Float] in [random.normal() * 3 + 7, 0.3] }
    return ListedSamples(
      shape: shape, values: values, labels: (0..<90).map { _ in UInt8(random.below(3)) })
  }()

  private static func spec(_ layers: any LayerSpec...) -> ModelSpec {
    ModelSpec("m", input: data.shape, layers: layers + [Flatten(), Dense(units: 3)])
  }

  private static let settings: TrainingSettings = {
    var settings = TrainingSettings()
    settings.batchSize = 16
    settings.epochs = 1
    settings.validationFraction = 0.2
    return settings
  }()

  private static func statistics(_ network: Network, _ layer: String) -> [[Float]] {
    network.layout.entries.filter { network.nodes[$0.node].name == layer }
      .map { network.values(of: $0) }
  }

  /// Mean and variance of one channel over the samples with these numbers, in double precision.
  private static func moments(
    _ numbers: [Int32], _ channel: Int, of value: (Float) -> Double = { Double($0) }
  ) -> (mean: Double, variance: Double) {
    let values = numbers.flatMap { number in
      (0..<20).map { value(data.values[(Int(number) * 20 + $0) * 2 + channel]) }
    }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / Double(values.count))
  }

  @Test(arguments: [1, 2, 5]) func aRunLearnsMeanAndVariance(threads: Int) throws {
    let trainer = try Trainer(
      Self.spec(Normalization()), settings: Self.settings, data: Self.data, threads: threads)
    let found = Self.statistics(trainer.state.network, "normalization")
    // Of the samples that train alone.
    #expect(trainer.split.training.count == 72)
    let expected = Self.moments(trainer.split.training, 0)
    #expect(abs(Double(found[0][0]) - expected.mean) < 1e-6 * expected.mean)
    #expect(abs(Double(found[1][0]) - expected.variance) < 1e-6 * expected.variance)
    #expect(abs(found[0][1] - 0.3) < 1e-7 && found[1][1] == 1)
    #expect(found[2] == [72])
    // Steps leave them alone.
    try trainer.run()
    #expect(Self.statistics(trainer.state.network, "normalization") == found)
    #expect(trainer.state.optimizer.step == 5)
  }

  @Test func eachLearnsOfWhatReachesIt() throws {
    let spec = Self.spec(Rescaling(scale: -2, offset: 1), Normalization(), Tanh(), Normalization())
    let trainer = try Trainer(spec, settings: Self.settings, data: Self.data, threads: 2)
    let first = Self.statistics(trainer.state.network, "normalization")
    let plain = Self.moments(trainer.split.training, 0)
    #expect(abs(Double(first[0][0]) - (1 - 2 * plain.mean)) < 1e-5)
    #expect(abs(Double(first[1][0]) - 4 * plain.variance) < 1e-4)
    let second = Self.statistics(trainer.state.network, "normalization_1")
    let expected = Self.moments(trainer.split.training, 0) {
      tanh((plain.mean - Double($0)) / plain.variance.squareRoot())
    }
    #expect(abs(Double(second[0][0]) - expected.mean) < 1e-5)
    #expect(abs(Double(second[1][0]) - expected.variance) < 1e-5)
  }

  @Test func anAverageOfTheWeightsBeginsWithThem() throws {
    var settings = Self.settings
    settings.weightAverage = 0.9
    let trainer = try Trainer(
      Self.spec(Normalization()), settings: settings, data: Self.data, threads: 1)
    let found = Self.statistics(trainer.state.network, "normalization")
    #expect(Self.statistics(trainer.state.averagedNetwork, "normalization") == found)
  }

  /// One sample would spoil the statistics, and with them every output.
  @Test(arguments: [Float.nan, .infinity]) func aSampleThatIsNotFiniteIsNamed(value: Float) throws {
    let numbers = try Trainer(
      Self.spec(), settings: Self.settings, data: Self.data, threads: 1
    ).split.training
    for sample in [numbers[0], numbers[70]] {
      var values = Self.data.values
      values[Int(sample) * 40 + 7] = value
      let data = ListedSamples(shape: Self.data.shape, values: values, labels: Self.data.labels)
      // A ReLU would hide it.
      let error = #expect(throws: NumericFault.self) {
        try Trainer(
          Self.spec(ReLU(), Normalization()), settings: Self.settings, data: data, threads: 2)
      }
      #expect(error?.description == "the input is not finite in sample \(sample)")
    }
  }

  // A file of Keras's has statistics, but counts no samples.
  @Test func weightsThatHaveThemKeepThem() throws {
    var network = try Network(Self.spec(Normalization()), seed: 1)
    let mean = try #require(network.layout.entries.first)
    network.setValues([3, 4], of: mean)
    let trainer = try Trainer(
      TrainingState(network: network, settings: Self.settings), settings: Self.settings,
      data: Self.data, threads: 1)
    #expect(Self.statistics(trainer.state.network, "normalization") == [[3, 4], [1, 1], [0]])
  }
}
