import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// Who breaks a contract is told what was expected and what came, in release builds too.
@Suite struct WrongCallTests {
  enum Call: String, CaseIterable, Codable, Sendable {
    case valuesOfAnotherNetwork, settingValuesOfAnotherNetwork, tooFewValues, shortVariables
    case resizedVariables, labelBeyondOutputs, otherNetworkInPredictor
    case otherNetworkInStep, slotsOfAnotherOptimizer, planOfAnotherNetwork, shortAverage
    case elementBeyondTensor, valuesOfTensor, axisOfShape, noThreads, wrongSample, emptyBound
    case backwardBeforeForward, backwardOfAnotherBatch, targetsOfAnotherWidthInPredictor
    case targetsOfAnotherWidthInStep, judgedWithoutTargets, labelsThatAreNotTold
    case predictorInATaskOfItsPool

    /// What is printed.
    var message: String {
      switch self {
      case .valuesOfAnotherNetwork, .settingValuesOfAnotherNetwork:
        "kernel 40×9 at 0 is a variable of another network, this one has 3 in 48 floats"
      case .tooFewValues: "kernel has 8 elements, not 3"
      case .shortVariables: "the network has 48 floats of variables, not 16"
      case .resizedVariables: "the network has 48 floats of variables, not 0"
      case .labelBeyondOutputs: "label 2 of 2 outputs; expected 0 to 1"
      case .otherNetworkInPredictor, .otherNetworkInStep:
        "a network of 384 floats of variables, 384 of them trained; expected 48 and 48, as this was"
          + " made for"
      case .slotsOfAnotherOptimizer:
        "adam remembers 2 slots of 48 floats; the state has [48]"
      case .planOfAnotherNetwork:
        "a plan for 384 trained floats and a gradient of 48; the network has 48"
      case .shortAverage: "an average of 16 floats for 48 floats of variables"
      case .elementBeyondTensor: "element 6 of 6"
      case .valuesOfTensor: "2 samples of 3 take 6 values, not 5"
      case .axisOfShape: "axis 2 of a shape of rank 2"
      case .noThreads: "a pool has at least 1 thread, not 0"
      case .wrongSample: "a sample of 4 has 4 values, not 3"
      case .emptyBound: "no number is below 0"
      case .backwardBeforeForward: "backward comes after forward, which has not been called"
      case .backwardOfAnotherBatch: "the last output was 1 × 2, the gradient is 2 × 2"
      case .targetsOfAnotherWidthInPredictor, .targetsOfAnotherWidthInStep:
        "the network gives 2, the targets are 3×1"
      case .judgedWithoutTargets:
        "samples without targets cannot be judged; expected classes or values"
      case .predictorInATaskOfItsPool:
        "a predictor is used inside a task of its own pool: whoever else uses both would wait for ever"
      case .labelsThatAreNotTold:
        "Ones says that its samples have classes (`targets`), but tells none: implement copyLabels,"
          + " or state `targets` as .values(shape) or .none"
      }
    }

    func make() throws {
      // Three variables, each on a cache line of 16 floats.
      var network = try Network(
        ModelSpec("small", input: [4]) {
          Dense(units: 2); Dense(units: 2, bias: false)
        }, seed: 1)
      let other = try Network(ModelSpec("large", input: [40]) { Dense(units: 9) }, seed: 1)
      let pool = ThreadPool(threads: 1)
      switch self {
      case .valuesOfAnotherNetwork: _ = network.values(of: other.layout.entries[0])
      case .predictorInATaskOfItsPool:
        let predictor = Predictor(network, pool: pool)
        pool.run(1) { _, _ in _ = try? predictor.output(for: [1, 2, 3, 4]) }
      case .settingValuesOfAnotherNetwork:
        network.setValues([Float](repeating: 0, count: 360), of: other.layout.entries[0])
      case .tooFewValues: network.setValues([1, 2, 3], of: network.layout.entries[0])
      case .shortVariables: network.variables = Tensor(samples: 1, shape: [16])
      case .resizedVariables: network.variables.resize(samples: 0)
      case .labelBeyondOutputs:
        let two = ListedSamples(
          shape: [4], values: [Float](repeating: 1, count: 8), labels: [1, 2])
        _ = Predictor(network, pool: pool).evaluate(two, [0, 1], loss: CrossEntropy())
      case .otherNetworkInPredictor: Predictor(network, pool: pool).update(other)
      case .otherNetworkInStep:
        let step = GradientStep(network, loss: CrossEntropy(), batch: 1, pool: pool)
        _ = step.layerNorms(other)
      case .slotsOfAnotherOptimizer:
        var state = OptimizerState(SGD(momentum: 0.9), for: network)
        UpdateRule(Adam()).apply(
          gradient: Tensor(samples: 1, shape: [48]), norm: 1, rate: 1, to: &network, state: &state,
          plan: UpdatePlan(network), pool: pool)
      case .planOfAnotherNetwork:
        var state = OptimizerState(SGD(), for: network)
        UpdateRule(SGD()).apply(
          gradient: Tensor(samples: 1, shape: [48]), norm: 1, rate: 1, to: &network, state: &state,
          plan: UpdatePlan(other), pool: pool)
      case .shortAverage:
        var average: Tensor? = Tensor(samples: 1, shape: [16])
        WeightAverage.update(&average, of: network, decay: 0.9, step: 1, pool: pool)
      case .elementBeyondTensor: _ = Tensor(samples: 2, shape: [3])[6]
      case .valuesOfTensor: _ = Tensor(samples: 2, shape: [3], values: [1, 2, 3, 4, 5])
      case .axisOfShape: _ = Shape([3, 4])[2]
      case .noThreads: _ = ThreadPool(threads: 0)
      case .wrongSample: _ = try Predictor(network, pool: pool).output(for: [1, 2, 3])
      case .emptyBound:
        var random = CounterRandom(seed: 1, .test)
        _ = random.below(0)
      case .backwardBeforeForward:
        var probe = Probe(network, batch: 2)
        _ = probe.backward(Tensor(samples: 2, shape: [2]))
      case .backwardOfAnotherBatch:
        var probe = Probe(network, batch: 2)
        _ = probe.forward(Tensor(samples: 1, shape: [4]))
        _ = probe.backward(Tensor(samples: 2, shape: [2]))
      case .targetsOfAnotherWidthInPredictor, .judgedWithoutTargets, .labelsThatAreNotTold:
        let targets: TargetKind =
          switch self {
          case .judgedWithoutTargets: .none
          case .labelsThatAreNotTold: .classes
          default: .values([3, 1])
          }
        _ = Predictor(network, pool: pool).evaluate(
          Ones(targets: targets), [0, 1], loss: MeanSquaredError())
      case .targetsOfAnotherWidthInStep:
        let step = GradientStep(network, loss: MeanSquaredError(), batch: 1, pool: pool)
        [Int32(0)].withUnsafeBufferPointer {
          _ = step.runAlone(network, Ones(targets: .values([3, 1])), $0, seed: 1, epoch: 0)
        }
      }
    }
  }

  /// Samples `[4]` of ones that keep no contract but to be there.
  private struct Ones: SampleSource {
    let targets: TargetKind
    var count: Int { 2 }
    var sampleShape: Shape { [4] }

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
    ) {
      samples.update(repeating: 1, count: 4 * numbers.count)
    }
  }

  @Test(arguments: Call.allCases) func saysWhatIsWrong(call: Call) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [call] in
      setenv("SWIFT_BACKTRACE", "enable=no", 1)
      try call.make()
    }
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(errors.contains("Fatal error: \(call.message)\n"), "\(errors)")
  }

  @Test func changesInPlaceCopyNothing() throws {
    var network = try Network(ModelSpec("small", input: [4]) { Dense(units: 2) }, seed: 1)
    let before = network.variables.pointer
    network.variables.mutablePointer()[0] = 7
    network.setValues([1, 2], of: network.layout.entries[1])
    #expect(network.variables.pointer == before)
    #expect(network.variables[0] == 7)
  }
}
