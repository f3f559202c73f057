import NeuralNetwork
import TestSupport
import Synchronization
import Testing

/// Where numbers stop being finite, to the layer and the sample, whichever chunk, shard and wave of a
/// batch it is in.
@Suite struct FaultTests {
  /// Samples `[2]` of small numbers, but for what is told.
  private static func samples(
    _ count: Int, _ changes: [Int: [Float]] = [:]
  ) -> ListedSamples {
    let values = (0..<count).flatMap { changes[$0] ?? [0.5, Float($0 % 3) / 4] }
    return ListedSamples(
      shape: [2], values: values, labels: (0..<count).map { UInt8($0 % 2) })
  }

  /// relu_1 gets what comes in, dense_1 makes it this many times as large.
  private static func network(gain: Float, after normalization: Bool = false) throws -> Network {
    var network = try Network(
      ModelSpec("chain", input: [2]) {
        ReLU()
        if normalization { BatchNorm() }
        Dense(units: 2, bias: false)
        ReLU()
        Dense(units: 2, bias: false)
        Dense(units: 2, bias: false)
      }, seed: 1)
    let kernels = network.layout.entries.filter { $0.variable.name == "kernel" }
    for (kernel, values) in zip(kernels, [[1, 0, 0, 1], [gain, 0, 0, 1], [1, 0, 0, 1]]) {
      network.setValues(values.map { Float($0) }, of: kernel)
    }
    return network
  }

  private static func fault(
    _ network: Network, _ source: ListedSamples, _ numbers: [Int32]? = nil,
    loss: any Loss = CrossEntropy(), classWeights: [Float] = []
  ) -> (NumericFault?, GradientStep.Result) {
    let numbers = numbers ?? (0..<Int32(source.count)).map { $0 }
    let step = GradientStep(
      network, loss: loss, classWeights: classWeights, batch: numbers.count,
      pool: ThreadPool(threads: 2))
    return numbers.withUnsafeBufferPointer {
      let result = step.runAlone(network, source, $0, seed: 1, epoch: 0)
      return (step.findFault(network, source, $0, seed: 1, epoch: 0), result)
    }
  }

  // 8 shards of a batch of 64 are chunks; those of 700 are 6 chunks each, in two waves.
  @Test(arguments: [(64, 3), (64, 63), (64, 8), (700, 3), (700, 20), (700, 66), (700, 699)])
  func namesTheLayerAndTheSample(batch: Int, sample: Int) throws {
    let network = try Self.network(gain: 1e19)
    let source = Self.samples(batch, [sample: [1e20, 0]])
    let (fault, result) = Self.fault(network, source)
    #expect(!(result.loss.sum.isFinite && result.gradientNorm.isFinite))
    #expect(
      fault?.description
        == "the output of layer dense_1 is no longer finite for sample \(sample) (the largest activation before it is 1e+20)"
    )
  }

  /// Of several, the first layer, whatever shard it is in, and then the first sample in the batch.
  @Test func namesTheFirstLayerOfAnyShard() throws {
    let network = try Self.network(gain: 1e19)
    // The kernel of the layer before is made so that it breaks for sample 50 alone.
    var changed = network
    changed.setValues([1, 0, 0, 1e30], of: network.layout.entries[0])
    let source = Self.samples(
      64, [3: [2e20, 0], 50: [0, 1e10], 60: [0, 2e10], 7: [1e20, 0]])
    #expect(
      Self.fault(changed, source).0
        == NumericFault(layer: "dense", quantity: .output, largestInput: 1e10, sample: 50))
    let order = (0..<64).map { Int32(63 - $0) }
    #expect(
      Self.fault(changed, source, order).0
        == NumericFault(layer: "dense", quantity: .output, largestInput: 2e10, sample: 60))
    #expect(
      Self.fault(network, source, order).0
        == NumericFault(layer: "dense_1", quantity: .output, largestInput: 1e20, sample: 7))
  }

  /// One that is large among 64 samples is √63 deviations from their mean.
  @Test func namesTheSampleWhereShardsMeet() throws {
    let network = try Self.network(gain: 1e38, after: true)
    let source = Self.samples(64, [43: [1e10, 0]])
    let fault = Self.fault(network, source).0
    #expect(fault?.layer == "dense_1" && fault?.quantity == .output && fault?.sample == 43)
    #expect(abs((fault?.largestInput ?? 0) - 7.9373) < 1e-3)
  }

  /// The statistics of a batch are spoilt for all of it by its largest sample.
  @Test func namesTheLargestSampleOfABatchThatCannotBeNormalized() throws {
    let network = try Self.network(gain: 1, after: true)
    let source = Self.samples(64, [42: [3e38, 0], 43: [3.2e38, 0]])
    #expect(
      Self.fault(network, source).0?.description
        == "the output of layer batch_norm is no longer finite for sample 43 (the largest activation before it is 3.2e+38)"
    )
  }

  /// The gradient of a layer's input is that layer's, for the samples that a ReLU lets through.
  @Test func namesTheLayerAndTheSampleBackwards() throws {
    var network = try Network(
      ModelSpec("back", input: [2]) {
        Dense(units: 2, bias: false)
        Dense(units: 2, bias: false)
        ReLU()
        Dense(units: 2, bias: false)
      }, seed: 1)
    for (kernel, gain) in zip(network.layout.entries, [1e-30, 1e21, 1e20] as [Float]) {
      network.setValues([gain, 0, 0, 1], of: kernel)
    }
    let changes = (0..<64).reduce(into: [:]) { $0[$1] = [-1, 0] as [Float] }
    let source = Self.samples(64, changes.merging([21: [1e-6, 0]]) { $1 })
    let (fault, result) = Self.fault(network, source)
    #expect(result.loss.sum.isFinite && !result.gradientNorm.isFinite)
    #expect(
      fault
        == NumericFault(
          layer: "dense_1", quantity: .gradient, largestInput: Float(1e-6) * Float(1e-30),
          sample: 21))
  }

  @Test func namesASumThatIsTooLarge() throws {
    // No sample's share of the gradient is too large, but their sum is.
    let network = try Self.network(gain: 1)
    let source = ListedSamples(
      shape: [2], values: [Float](repeating: 3e19, count: 128),
      labels: [UInt8](repeating: 0, count: 64))
    let (fault, result) = Self.fault(network, source, loss: MeanSquaredError())
    #expect(!(result.loss.sum.isFinite && result.gradientNorm.isFinite))
    #expect(
      fault
        == NumericFault(layer: "dense_2", quantity: .gradient, largestInput: 3e19, sample: nil))
  }

  /// Without the weights nothing in the step would be too large.
  @Test func weighsTheClassesAsTheStepDid() throws {
    let network = try Self.network(gain: 1e3)
    let (fault, result) = Self.fault(network, Self.samples(64), classWeights: [1, 1e38])
    #expect(!result.gradientNorm.isFinite)
    #expect(
      fault
        == NumericFault(layer: "dense_1", quantity: .gradient, largestInput: 0.5, sample: 1))
    let plain = Self.fault(network, Self.samples(64)).1
    #expect(plain.loss.sum.isFinite && plain.gradientNorm.isFinite)
  }

  /// The same samples with numbers for targets, some of which are not finite.
  private struct Targeted: SampleSource {
    let base: ListedSamples
    let changes: [Int: Float]
    var count: Int { base.count }
    var sampleShape: Shape { base.sampleShape }
    var targets: TargetKind { .values([2]) }

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
    ) {
      base.copySamples(numbers, to: samples)
    }

    func copyTargets(
      _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>
    ) {
      for (i, number) in numbers.enumerated() {
        (targets[2 * i], targets[2 * i + 1]) = (1, changes[Int(number)] ?? 0)
      }
    }
  }

  @Test(arguments: [Float.nan, .infinity], ["mse", "mae", "huber", "cross_entropy"])
  func namesTheTargetThatIsNotFinite(value: Float, loss: String) throws {
    let network = try Self.network(gain: 1)
    let step = GradientStep(
      network, loss: try LossRegistry.loss(loss), batch: 64, pool: ThreadPool(threads: 2))
    func fault(_ source: Targeted) -> (NumericFault?, isFinite: Bool) {
      (0..<Int32(64)).map { $0 }.withUnsafeBufferPointer {
        let result = step.runAlone(network, source, $0, seed: 1, epoch: 0)
        return (
          step.findFault(network, source, $0, seed: 1, epoch: 0),
          result.loss.sum.isFinite
        )
      }
    }
    let targets = Targeted(base: Self.samples(64), changes: [37: value, 41: value])
    let found = fault(targets)
    #expect(!found.isFinite)
    #expect(
      found.0 == NumericFault(layer: "dense_2", quantity: .target, largestInput: 0, sample: 37))
    #expect(found.0?.description == "the target of sample 37 is not finite")
    // What went in comes before what should come out, whatever chunk it is in.
    let both = Targeted(base: Self.samples(64, [50: [.nan, 0]]), changes: [37: value])
    #expect(fault(both).0?.description == "the input is not finite in sample 50")
    let numbers = (0..<Int32(64)).map { $0 }
    let predictor = Predictor(network, pool: ThreadPool(threads: 2))
    #expect(
      !predictor.evaluate(targets, numbers, loss: MeanAbsoluteError()).value.sum.isFinite)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity], [false, true])
  func namesTheSampleThatIsNotFinite(value: Float, meets: Bool) throws {
    // The ReLU makes 0 of -∞, so nothing after it shows it.
    let network = try Self.network(gain: 1, after: meets)
    let source = Self.samples(64, [37: [0, value], 41: [value, 0]])
    let (fault, result) = Self.fault(network, source)
    #expect(!result.loss.sum.isFinite)
    #expect(
      fault == NumericFault(layer: "relu", quantity: .input, largestInput: 0, sample: 37))
    #expect(fault?.description == "the input is not finite in sample 37")
  }

  @Test func weightsAreNamedBeforeWhatTheyMake() throws {
    var network = try Self.network(gain: 1)
    network.setValues([1, .nan, 0, 1], of: network.layout.entries[1])
    #expect(
      Self.fault(network, Self.samples(64)).0?.description
        == "the weights of layer dense_1 are no longer finite")
  }

  @Test(arguments: [1, 2]) func aPredictorRefusesWhatIsNotFinite(threads: Int) throws {
    let network = try Self.network(gain: 1)
    let predictor = Predictor(network, pool: ThreadPool(threads: threads))
    let source = Self.samples(64, [37: [0, .nan], 61: [.infinity, 0]])
    let numbers = (0..<64).map { Int32(63 - $0) }
    let error = #expect(throws: NumericFault.self) { try predictor.outputs(source, numbers) }
    #expect(error?.description == "the input is not finite in sample 61")
    #expect(throws: NumericFault.self) { try predictor.outputs(source, [37]) }
    let alone = #expect(throws: NumericFault.self) { try predictor.output(for: [1, -.infinity]) }
    #expect(alone?.description == "the input is not finite")
    #expect(predictor.evaluate(source, numbers, loss: CrossEntropy()).value.sum.isNaN)
    // What came before leaves nothing behind.
    let sound = numbers.filter { $0 != 37 && $0 != 61 }
    #expect(try predictor.outputs(source, sound).samples == 62)
    #expect(predictor.evaluate(source, sound, loss: CrossEntropy()).value.sum.isFinite)
  }

  @Test(arguments: [1, 3]) func severalThreadsMayShareAPredictor(threads: Int) throws {
    let network = try Network(
      ModelSpec("shared", input: [12, 12, 1]) {
        Conv2D(filters: 8, kernel: 3)
        ReLU()
        MaxPool2D()
        Flatten()
        Dense(units: 3)
      }, seed: 4)
    let source = ListedSamples.random([12, 12, 1], count: 120, classes: 3)
    let numbers = (0..<Int32(120)).map { $0 }
    let predictor = Predictor(network, pool: ThreadPool(threads: threads))
    let expected = try predictor.outputs(source, numbers).values
    let wrong = Mutex<[Int]>([])
    ThreadPool(threads: 4).run(40) { _, task in
      let part = Array(numbers[(task % 3) * 40..<(task % 3) * 40 + 1 + task])
      let found = (try? predictor.outputs(source, part).values) ?? []
      if found != Array(expected[Int(part[0]) * 3..<Int(part[0]) * 3 + part.count * 3]) {
        wrong.withLock { $0.append(task) }
      }
      if task % 10 == 9 { predictor.update(network) }
    }
    #expect(wrong.withLock { $0 } == [])
  }
}
