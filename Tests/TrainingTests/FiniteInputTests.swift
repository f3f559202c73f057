import NeuralNetwork
import Testing
import Training

/// Samples that are not finite are said to be so, whoever is handed them.
@Suite struct FiniteInputTests {
  /// Samples `[2]` whose class is told by their larger number, but for some.
  struct Pairs: SampleSource {
    var changes: [Int: [Float]] = [:]
    let count: Int
    var sampleShape: Shape { [2] }

    func values(_ number: Int) -> [Float] {
      changes[number] ?? (number % 2 == 0 ? [1, 0.25] : [0.25, 1])
    }

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
    ) {
      for (i, number) in numbers.enumerated() {
        for (j, value) in values(Int(number)).enumerated() { samples[2 * i + j] = value }
      }
    }

    func copyLabels(_ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>) {
      for (i, number) in numbers.enumerated() { labels[i] = number % 2 }
    }
  }

  private static let model = ModelSpec("small", input: [2]) {
    ReLU()
    Dense(units: 2)
  }

  private static func settings(
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.update = UpdateRule(SGD())
    settings.learningRate = 0.5
    settings.batchSize = 8
    settings.epochs = 2
    settings.seed = 3
    settings.shuffles = false
    change(&settings)
    return settings
  }

  @Test(arguments: [Float.nan, -.infinity]) func trainingNamesTheSample(value: Float) throws {
    let data = Pairs(changes: [21: [value, 0]], count: 32)
    let trainer = try Trainer(Self.model, settings: Self.settings(), data: data, threads: 2)
    let error = #expect(throws: DivergenceError.self) { try trainer.run() }
    #expect(
      error?.description == "step 3 (epoch 1, batch 3): the input is not finite in sample 21")
    #expect(trainer.state.optimizer.step == 2)
  }

  @Test func trainingNamesTheSampleThatIsMixedIn() throws {
    let data = Pairs(changes: [21: [.nan, 0]], count: 32)
    let settings = Self.settings {
      $0.mixup = 1
      $0.shuffles = true
    }
    let trainer = try Trainer(Self.model, settings: settings, data: data, threads: 2)
    let error = #expect(throws: DivergenceError.self) { try trainer.run() }
    #expect(error?.description.hasSuffix("): the input is not finite in sample 21") == true)
  }

  @Test func trainingNamesTheLayerAndTheSampleOfAnOverflow() throws {
    let data = Pairs(changes: [21: [2e38, 2e38]], count: 32)
    var network = try Network(Self.model, seed: 1)
    network.setValues([1, 0, 1, 0], of: network.layout.entries[0])
    let settings = Self.settings { $0.learningRate = 1e-3 }
    let trainer = try Trainer(
      TrainingState(network: network, settings: settings), settings: settings, data: data,
      threads: 2)
    let error = #expect(throws: DivergenceError.self) { try trainer.run() }
    #expect(
      error?.description
        == "step 3 (epoch 1, batch 3): the output of layer dense is no longer finite for sample 21"
        + " (the largest activation before it is 2e+38); try a learning rate of 0.0001, a tenth of"
        + " this step's")
  }

  @Test func aClassifierRefusesThem() throws {
    let classifier = Classifier(try Network(Self.model, seed: 1), threads: 2)
    let data = Pairs(changes: [7: [1, .nan], 9: [.infinity, 0]], count: 32)
    let error = #expect(throws: NumericFault.self) { try classifier.predict(data, [2, 9, 7]) }
    #expect(error?.description == "the input is not finite in sample 9")
    let alone = #expect(throws: NumericFault.self) { try classifier.predict([.nan, 1]) }
    #expect(alone?.description == "the input is not finite")
    #expect(try classifier.predict(data, [2, 3]).count == 2)
    #expect(Evaluation(try Network(Self.model, seed: 1), on: data, threads: 1).loss.isNaN)
  }

  @Test(arguments: [1, 2]) func severalTasksMayShareAClassifier(threads: Int) async throws {
    let classifier = Classifier(try Network(Self.model, seed: 1), threads: threads)
    let data = Pairs(count: 64)
    let expected = try classifier.predict(data, Array(0..<64)).map(\.probabilities)
    await withTaskGroup(of: Bool.self) { group in
      for start in 0..<32 {
        group.addTask {
          let numbers = Array(start..<start + 1 + start)
          let found = try? classifier.predict(data, numbers).map(\.probabilities)
          let alone = try? classifier.predict(data.values(start)).probabilities
          return found == Array(expected[start...2 * start]) && alone == expected[start]
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }
}
