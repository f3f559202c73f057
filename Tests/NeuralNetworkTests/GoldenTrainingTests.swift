import Foundation
import NeuralNetwork
import TestSupport
import Testing
import Training

/// Losses, optimizers and whole steps of training against the reference framework's.
@Suite struct GoldenTrainingTests {
  struct LossCase: Decodable {
    let name: String
    let loss: String
    let shape: [Int]
    let outputs: [Float]
    let targets: [Float]
    let value: Double
    // Some are too small for a Float.
    let gradient: [Double]
  }

  @Test func lossesAgreeWithKeras() throws {
    var kinds: Set<String> = []
    for one in try Golden.cases("losses", as: LossCase.self) {
      let loss = try LossRegistry.loss(one.loss)
      kinds.insert(loss.kind)
      let samples = one.shape[0]
      var gradient = [Float](repeating: .nan, count: one.outputs.count)
      let sum = one.outputs.withUnsafeBufferPointer { outputs in
        one.targets.withUnsafeBufferPointer { targets -> Double in
          guard let outputs = outputs.baseAddress, let targets = targets.baseAddress else {
            return .nan
          }
          return loss.evaluate(
            OutputBatch(
              samples: samples, width: one.shape[1], outputs: outputs, targets: targets),
            scale: 1 / Float(samples), gradient: &gradient)
        }
      }
      let value = sum / Double(samples)
      #expect(abs(value - one.value) < 2e-6 * max(1, abs(one.value)), "\(one.name)")
      #expect(
        Golden.distance(gradient, one.gradient.map(Float.init)) < 2e-6, "\(one.name): gradient")
    }
    // Each of ours has a case; others may register more while the tests run.
    #expect(
      kinds == ["cross_entropy", "binary_cross_entropy", "mse", "mae", "huber"])
  }

  struct MetricCase: Decodable {
    let name: String
    let metric: String
    let shape: [Int]
    let has_classes: Bool
    let outputs: [Float]
    let targets: [Float]
    let value: Double
  }

  @Test func metricsAgreeWithKeras() throws {
    var kinds: Set<String> = []
    for one in try Golden.cases("metrics", as: MetricCase.self) {
      let metric = try MetricRegistry.metric(one.metric)
      kinds.insert(metric.kind)
      let (samples, width) = (one.shape[0], one.shape[1])
      var sums = [Double](repeating: 0, count: metric.sumCount(outputs: width))
      // In two parts, as the chunks of a set come.
      for part in [0..<samples / 3, samples / 3..<samples] {
        let place = part.lowerBound * width..<part.upperBound * width
        let outputs = Array(one.outputs[place]), targets = Array(one.targets[place])
        outputs.withUnsafeBufferPointer { outputs in
          targets.withUnsafeBufferPointer { targets in
            guard let outputs = outputs.baseAddress, let targets = targets.baseAddress else {
              return
            }
            metric.add(
              OutputBatch(samples: part.count, width: width, outputs: outputs, targets: targets),
              hasClasses: one.has_classes, to: &sums)
          }
        }
      }
      let value = sums.withUnsafeBufferPointer { metric.value($0, samples: samples) }
      #expect(abs(value - one.value) < 1e-6 * max(1, one.value), "\(one.name)")
    }
    // Each of ours has a case.
    #expect(
      kinds == ["accuracy", "top_k_accuracy", "precision", "recall", "f1", "mae", "mse"])
  }

  struct OptimizerCase: Decodable {
    let optimizer: [String: [String: Value]]
    let initial: [Float]
    let gradients: [[Float]]
    let weights_after: [[Float]]
  }

  /// The text of a number or a flag.
  struct Value: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      text =
        try (try? container.decode(Bool.self))?.text ?? container.decode(Float.self).text
    }
  }

  @Test func optimizersAgreeWithKeras() throws {
    let cases = try Golden.cases("optimizers", as: OptimizerCase.self)
    #expect(cases.count >= 20)
    for one in cases {
      let (kind, given) = try #require(one.optimizer.first)
      let settings = try Self.options(kind, given).resolve(defaultSeed: 1)
      // A dense layer without bias holds just the weights.
      var network = try Network(
        ModelSpec("one", input: [one.initial.count]) { Dense(units: 1, bias: false) }, seed: 1)
      network.setValues(one.initial, of: network.layout.entries[0])
      var state = OptimizerState(settings.update.optimizer, for: network)
      let plan = UpdatePlan(network)
      let pool = ThreadPool(threads: 1)
      for (step, values) in one.gradients.enumerated() {
        var gradient = Tensor(samples: 1, shape: [network.layout.trainedCount])
        for (i, value) in values.enumerated() { gradient[i] = value }
        let norm = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        settings.update.apply(
          gradient: gradient, norm: norm, rate: settings.learningRate, to: &network,
          state: &state, plan: plan, pool: pool)
        let found = network.values(of: network.layout.entries[0])
        #expect(
          Golden.distance(found, one.weights_after[step]) < 3e-6,
          "\(one.optimizer), step \(step + 1)")
      }
      #expect(state.step == one.gradients.count)
    }
  }

  private static func options(
    _ kind: String, _ given: [String: Value]
  ) throws -> TrainingOptions {
    var options = try TrainingOptions(["optimizer": kind])
    for (key, value) in given { try options.state(key, value.text) }
    return options
  }

  struct StepsCase: Decodable {
    struct Step: Decodable {
      let x: [Float]
      let labels: [UInt8]
      let loss: Double
    }
    let batch: Int
    let initial_variables: [Golden.Array]
    let steps: [Step]
    let final_variables: [Golden.Array]
  }

  @Test func threeStepsOfLeNetAgreeWithKeras() throws {
    let one = try #require(try Golden.cases("lenet-steps", as: StepsCase.self).first)
    let path = Repository.path("Tests/NeuralNetworkTests/Fixtures/lenet-steps.json")
    let spec = try #require(try LayerCases.models(path).first).spec
    var network = try Network(spec, seed: 1)
    network.setAll(one.initial_variables)
    let rule = UpdateRule(SGD(momentum: 0.9))
    var state = OptimizerState(rule.optimizer, for: network)
    let pool = ThreadPool(threads: 2)
    let gradientStep = GradientStep(network, loss: CrossEntropy(), batch: one.batch, pool: pool)
    let plan = UpdatePlan(network)
    for step in one.steps {
      let source = ListedSamples(shape: spec.input, values: step.x, labels: step.labels)
      let numbers = (0..<Int32(one.batch)).map { $0 }
      let result = numbers.withUnsafeBufferPointer {
        gradientStep.runAlone(network, source, $0, seed: 1, epoch: 0)
      }
      #expect(abs(result.loss.mean - step.loss) < 1e-5)
      rule.apply(
        gradient: gradientStep.gradient, norm: result.gradientNorm, rate: 0.1, to: &network,
        state: &state, plan: plan, pool: pool)
    }
    for (entry, expected) in zip(network.layout.entries, one.final_variables) {
      #expect(Golden.distance(network.values(of: entry), expected.data) < 1e-5)
    }
  }
}
