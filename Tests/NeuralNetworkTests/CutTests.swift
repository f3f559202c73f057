@testable import NeuralNetwork
import TestSupport
import Testing

/// A batch is cut in shards, chunks and waves, a single sample inside its layers.
@Suite struct CutTests {
  @Test func aBatchIsCutByItsSizeAlone() throws {
    // The loss of a batch is the sum over its samples, however it is cut.
    let source = ListedSamples.random([6], count: 37, classes: 3)
    let network = try Network(ModelSpec("cut", input: [6]) { Dense(units: 3) }, seed: 3)
    for size in [1, 2, 7, 8, 9, 16, 37] {
      let step = GradientStep(
        network, loss: CrossEntropy(), batch: 37, pool: ThreadPool(threads: 2))
      let numbers = (0..<Int32(size)).map { $0 }
      let result = numbers.withUnsafeBufferPointer {
        step.runAlone(network, source, $0, seed: 1, epoch: 0)
      }
      let whole = Predictor(network, pool: ThreadPool(threads: 1)).evaluate(
        source, numbers, loss: CrossEntropy()
      ).value
      #expect(result.loss.samples == size && result.loss.correct == whole.correct)
      #expect(abs(result.loss.sum - whole.sum) < 1e-5 * whole.sum)
    }
  }

  // Beyond 512 samples a dense layer's gradient is computed in several waves.
  @Test(arguments: [1, 100, 513, 1100]) func aGradientIsThatOfAllSamples(batch: Int) throws {
    let source = ListedSamples.random([5, 5, 1], count: batch, classes: 3)
    let network = try Network(
      ModelSpec("waves", input: [5, 5, 1]) {
        Conv2D(filters: 2, kernel: 2)
        Flatten()
        Dense(units: 21)
        ReLU()
        Dense(units: 3)
      }, seed: 3)
    let step = GradientStep(
      network, loss: CrossEntropy(), batch: batch, pool: ThreadPool(threads: 2))
    let numbers = (0..<Int32(batch)).map { $0 }
    let result = numbers.withUnsafeBufferPointer {
      step.runAlone(network, source, $0, seed: 1, epoch: 0)
    }

    let expected = PlainGradient(network, source).variables
    var squares = 0.0
    for (entry, values) in zip(network.layout.entries, expected) {
      let found = entry.range.map { step.gradient[$0] }
      #expect(
        zip(found, values).allSatisfy { abs($0 - $1) < 2e-6 }, "\(entry.variable.name)")
      squares += found.reduce(0) { $0 + Double($1) * Double($1) }
    }
    #expect(abs(result.gradientNorm - squares.squareRoot()) < 1e-6)
  }

  // Fused, in shards and chunks, on threads: the gradient is that of the plain layers one after the other,
  // with the batch as a whole.
  @Test(arguments: LayerRegistry.builtIn.map { $0.kind })
  func everyKindGivesTheGradientOfAllSamples(kind: String) throws {
    for one in try LayerCases.of(kind).prefix(4) {
      let network = try Network(one.classifier(classes: 3), seed: 3)
      let source = ListedSamples.random(network.inputShape, count: 37, classes: 3)
      let step = GradientStep(
        network, loss: CrossEntropy(), batch: 37, pool: ThreadPool(threads: 2))
      _ = (0..<37).map { Int32($0) }.withUnsafeBufferPointer {
        step.runAlone(network, source, $0, seed: 1, epoch: 0)
      }
      let trained = network.layout.entries.filter { $0.variable.role != .statistic }
      for (entry, values) in zip(trained, PlainGradient(network, source).variables) {
        let largest = values.reduce(1) { max($0, abs($1)) }
        let found = entry.range.map { step.gradient[$0] }
        #expect(
          zip(found, values).allSatisfy { abs($0 - $1) < 5e-6 * largest },
          "\(one.name): \(entry.variable.name) of \(network.nodes[entry.node].name)")
      }
    }
  }

  // Threads share the layers of a single sample; its output is the one it has in a batch.
  @Test(arguments: [3, 5]) func oneSampleGivesTheSameBitsAlone(kernel: Int) throws {
    let network = try Network(
      ModelSpec("alone", input: [28, 28, 1]) {
        Conv2D(filters: 16, kernel: Extent2D(kernel, kernel), padding: .same)
        ReLU()
        Conv2D(filters: 16, kernel: 3)
        ReLU()
        MaxPool2D(window: 2, stride: 2)
        Flatten()
        Dense(units: 100)
      }, seed: 4)
    let source = ListedSamples.random(network.inputShape, count: 9)
    let all = try Predictor(network, pool: ThreadPool(threads: 1)).outputs(
      source, (0..<9).map { Int32($0) }
    ).values
    for threads in 1...4 {
      let predictor = Predictor(network, pool: ThreadPool(threads: threads))
      for number in 0..<9 {
        let same =
          try predictor.outputs(source, [Int32(number)]).values
          == Array(all[number * 100..<(number + 1) * 100])
        #expect(same, "sample \(number) on \(threads) threads")
      }
    }
  }

  // As if it cost nothing to wait: through as few layers at once as can be, and through many.
  @Test(arguments: FusionTests.models, [2, 3, 4])
  func aSampleHasTheSameBitsHoweverItIsCut(model: ModelSpec, threads: Int) throws {
    let network = try Network(model, seed: 5)
    let source = ListedSamples.random(network.inputShape, count: 5, classes: 3)
    let graph = network.graph.fused(for: .inference)
    let all = try Predictor(network, pool: ThreadPool(threads: 1)).outputs(source, [0, 1, 2, 3, 4])
    let width = all.shape.count
    for meeting in [0, 10, 1_000, 10_000] {
      let predictor = Predictor(
        network, graph: graph, pool: ThreadPool(threads: threads), meeting: meeting)
      // Another sample first, so that what a piece must not read is not by chance what it would be.
      for number in [4, 2, 3] {
        let alone = try predictor.outputs(source, [Int32(number)]).values
        #expect(
          alone == Array(all.values[(number * width)..<((number + 1) * width)]),
          "\(model.name), sample \(number), meeting \(meeting)")
      }
    }
  }

  /// What `Benchmarks/family/vgg-20.yaml` begins with.
  private static func blocks() throws -> Graph {
    try Network(
      ModelSpec("blocks", input: [28, 28, 1]) {
        Conv2D(filters: 20, kernel: 3, padding: .same)
        ReLU()
        Conv2D(filters: 20, kernel: 3, padding: .same)
        ReLU()
        MaxPool2D()
        Flatten()
        Dense(units: 10)
      }, seed: 1
    ).graph.fused(for: .inference)
  }

  @Test func pieces() throws {
    let plan = SamplePlan(try Self.blocks(), threads: 2)
    #expect(plan.stages.map(\.nodes) == [0..<2, 2..<3])
    #expect(plan.stages.map(\.pieces) == [2, 1])
    // Two rows of the pooling are one of tiles of four rows, which read six.
    #expect(plan.stages[0].rows == [[0..<13, 0..<6], [11..<28, 6..<14]])
    #expect(SamplePlan(try Self.blocks(), threads: 1).stages.map(\.pieces) == [1])
    let dear = SamplePlan(try Self.blocks(), threads: 2, meeting: 10_000_000)
    #expect(dear.stages.map(\.nodes) == [0..<3])
  }

  // What passes between layers is read here, which threads that share a sample would each have a part of.
  @Test(arguments: [2, 3, 4]) func oneSampleIsLearntFromAsAWhole(threads: Int) throws {
    let source = ListedSamples.random([28, 28, 1], count: 1)
    let model = ModelSpec("one", input: [28, 28, 1]) {
      Conv2D(filters: 32, kernel: 3)
      Concatenate(branches: [
        [Conv2D(filters: 32, kernel: 3, padding: .same)], [Normalization()],
      ])
      GlobalMaxPool2D()
      Dense(units: 3)
    }
    func learnt(_ threads: Int) throws -> [Float] {
      var network = try Network(model, seed: 2)
      _ = try network.adapt(to: source, [0], pool: ThreadPool(threads: threads))
      return network.variables.values
    }
    #expect(try learnt(threads) == learnt(1))
  }

  @Test(arguments: [2, 3, 4]) func oneSampleIsSurveyedAsAWhole(threads: Int) throws {
    let source = ListedSamples.random([28, 28, 1], count: 1)
    let network = try Network(
      ModelSpec("one", input: [28, 28, 1]) {
        Conv2D(filters: 32, kernel: 3)
        Sigmoid()
        Conv2D(filters: 32, kernel: 3)
        GlobalMaxPool2D()
        Dense(units: 3)
      }, seed: 2)
    func findings(_ threads: Int) -> [ActivationSurvey.Finding] {
      ActivationSurvey(network, pool: ThreadPool(threads: threads)).run(network, source, [0])
    }
    #expect(findings(1).count == 1)
    #expect(findings(threads) == findings(1))
  }
}
