import NeuralNetwork
import TestSupport
import Testing

/// What a pass joins must compute what the plain layers compute.
@Suite struct FusionTests {
  static let models: [ModelSpec] = [
    ModelSpec("relu before the pooling", input: [12, 12, 1]) {
      Conv2D(filters: 6, kernel: 3, padding: .same)
      ReLU()
      MaxPool2D()
      Flatten()
      Dense(units: 3)
    },
    ModelSpec("relu after the pooling", input: [12, 11, 2]) {
      Conv2D(filters: 7, kernel: 3)
      MaxPool2D()
      ReLU()
      Dropout(rate: 0.3)
      Flatten()
      Dense(units: 3)
    },
    ModelSpec("two of each", input: [13, 13, 1]) {
      Conv2D(filters: 16, kernel: 3)
      ReLU()
      ReLU()
      MaxPool2D(window: 2, stride: 3)
      MaxPool2D(window: 2, stride: 1)
      Flatten()
      Dense(units: 3)
    },
    ModelSpec("windows that overlap", input: [10, 10, 3]) {
      Conv2D(filters: 5, kernel: 3)
      ReLU()
      MaxPool2D(window: 3, stride: 2)
      Dropout(rate: 0.5)
      Flatten()
      Dense(units: 3)
    },
    ModelSpec("zeros to be skipped", input: [12, 12, 1]) {
      Conv2D(filters: 12, kernel: 3)
      ReLU()
      Flatten()
      Dense(units: 60)
      Dropout(rate: 0.5)
      Dense(units: 3)
    },
    ModelSpec("a block that starts and ends with what could be joined", input: [12, 12, 16]) {
      Conv2D(filters: 16, kernel: 3, padding: .same)
      Residual {
        ReLU()
        Conv2D(filters: 16, kernel: 3, padding: .same)
        ReLU()
        Conv2D(filters: 16, kernel: 3, padding: .same)
      }
      MaxPool2D()
      ReLU()
      Residual {
        Conv2D(filters: 32, kernel: 3, padding: .same)
        ReLU()
        MaxPool2D()
      }
      GlobalAvgPool2D()
      Dense(units: 3)
    },
    ModelSpec("a vector and itself", input: [5]) {
      Dense(units: 4)
      Residual { Flatten() }
      Dense(units: 3)
    },
    ModelSpec("rectifiers after sums", input: [9, 9, 1]) {
      Conv2D(filters: 9, kernel: 3)
      Residual { Conv2D(filters: 9, kernel: 3, padding: .same) }
      ReLU()
      Residual { Dropout(rate: 0) }
      LeakyReLU(slope: 0.2)
      Concatenate(branches: [
        [Residual { Conv2D(filters: 9, kernel: 1) }, ReLU6()], [Conv2D(filters: 2, kernel: 1)],
      ])
      Residual { Tanh() }
      ReLU()
      ReLU()
      Flatten()
      Dense(units: 128)
      Residual { Dense(units: 128) }
      ReLU()
      Dense(units: 3)
    },
    ModelSpec("blocks in blocks that change nothing", input: [5]) {
      Dense(units: 4)
      Residual {
        Residual { Flatten() }
        Residual {
          Flatten()
          Tanh()
          Residual {
            Flatten()
            Flatten()
          }
        }
      }
      Flatten()
      Residual {
        Flatten()
        Dense(units: 4)
        Flatten()
      }
      Dense(units: 3)
    },
    ModelSpec("branches that end with another shape", input: [6, 5, 2]) {
      Conv2D(filters: 3, kernel: 3)
      Branches(branches: [
        [Flatten(), Dropout(rate: 0.3)], [Conv2D(filters: 2, kernel: 2), Reshape([-1])],
      ])
      Dense(units: 3)
    },
    ModelSpec("blocks whose layers are left out", input: [6, 6, 2]) {
      Conv2D(filters: 3, kernel: 3)
      Multiply { ZeroPadding2D(padding: 0) }
      Concatenate(branches: [[], [UpSampling2D(size: 1)], [Dropout(rate: 0)]])
      Flatten()
      Dense(units: 3)
    },
    ModelSpec("branches that start with what could be joined", input: [12, 12, 1]) {
      Conv2D(filters: 16, kernel: 3, padding: .same)
      Concatenate(branches: [[ReLU(), MaxPool2D()], [MaxPool2D(), ReLU()], [AvgPool2D()]])
      Multiply {
        GlobalAvgPool2D(); Dense(units: 48); Sigmoid()
      }
      ReLU()
      MaxPool2D()
      Flatten()
      Dense(units: 3)
    },
    ModelSpec("rectifiers of every kind", input: [12, 12, 1]) {
      Conv2D(filters: 8, kernel: 3, padding: .same)
      ReLU6()
      Conv2D(filters: 12, kernel: 3)
      LeakyReLU(slope: 0.1)
      MaxPool2D()
      DepthwiseConv2D(kernel: 3, padding: .same, bias: false)
      BatchNorm()
      ReLU6()
      Conv2D(filters: 16, kernel: 1, bias: false)
      BatchNorm()
      LeakyReLU()
      DepthwiseConv2D(kernel: 3, stride: 2, padding: .same)
      LeakyReLU()
      Conv2D(filters: 16, kernel: 2, bias: false)
      MaxPool2D()
      ReLU6()
      Flatten()
      Dense(units: 3)
    },
    ModelSpec("normalizations of every kind", input: [12, 12, 1]) {
      Conv2D(filters: 16, kernel: 3, padding: .same)
      BatchNorm()
      ReLU()
      DepthwiseConv2D(kernel: 3, padding: .same, bias: false)
      BatchNorm(scale: false)
      ReLU()
      Conv2D(filters: 6, kernel: 1, bias: false)
      BatchNorm(center: false)
      LeakyReLU()
      MaxPool2D()
      BatchNorm()
      Conv2D(filters: 20, kernel: 3)
      BatchNorm()
      MaxPool2D()
      ReLU()
      Flatten()
      Dense(units: 24)
      BatchNorm()
      Tanh()
      Dense(units: 3)
    },
    ModelSpec("a normalization after what it cannot be folded into", input: [12, 12, 1]) {
      Conv2D(filters: 5, kernel: 3)
      ReLU()
      BatchNorm()
      MaxPool2D(window: 3, stride: 2)
      Residual {
        BatchNorm()
        ReLU()
        Conv2D(filters: 5, kernel: 3, padding: .same)
        BatchNorm()
      }
      ReLU()
      GlobalAvgPool2D()
      Dense(units: 3)
    },
    ModelSpec("normalizations whose outputs are computed again", input: [8, 8, 1]) {
      Conv2D(filters: 16, kernel: 3, bias: false)
      BatchNorm()
      Multiply {
        GlobalAvgPool2D(); Dense(units: 16); Sigmoid()
      }
      BatchNorm(scale: false)
      BatchNorm()
      Residual {
        Tanh()
        Conv2D(filters: 16, kernel: 3, padding: .same)
        BatchNorm()
      }
      Concatenate(branches: [[BatchNorm(), ReLU()], [Conv2D(filters: 3, kernel: 1)]])
      Flatten()
      Dense(units: 3)
      BatchNorm()
    },
    ModelSpec("frozen normalizations among others", input: [8, 8, 1]) {
      Conv2D(filters: 16, kernel: 3, bias: false)
      BatchNorm()
      BatchNorm().frozen()
      BatchNorm().frozen()
      ReLU()
      Conv2D(filters: 16, kernel: 3, padding: .same)
      Residual {
        BatchNorm().frozen()
        Conv2D(filters: 16, kernel: 3, padding: .same)
        BatchNorm()
      }
      Flatten()
      Dense(units: 3)
    },
    ModelSpec("a convolution that is prepared otherwise with its pooling", input: [28, 28, 4]) {
      Conv2D(filters: 4, kernel: 3, padding: .same)
      BatchNorm()
      ReLU()
      MaxPool2D()
      Flatten()
      Dense(units: 3)
    },
    ModelSpec("nothing after the pooling", input: [6, 6, 1]) {
      Conv2D(filters: 3, kernel: 3)
      ReLU()
      MaxPool2D(window: 4)
      Flatten()
    },
  ]

  // On one thread both shards use the memory of what passes within a stage.
  @Test(arguments: models, [1, 2])
  func gradientsAreThoseOfThePlainLayers(model: ModelSpec, threads: Int) throws {
    let network = try Network(model, seed: 5)
    let source = ListedSamples.random(network.inputShape, count: 21, classes: 3)
    let plain = PlainGradient(network, source)
    let step = GradientStep(
      network, loss: CrossEntropy(), batch: 21, pool: ThreadPool(threads: threads))
    let numbers = (0..<Int32(21)).map { $0 }
    _ = numbers.withUnsafeBufferPointer { step.runAlone(network, source, $0, seed: 1, epoch: 0) }
    for (entry, values) in zip(network.layout.entries.filter(\.isTrained), plain.variables) {
      // The gradient of a bias before a normalization is zero but for the rounding of a sum of
      // hundreds of numbers; little is left of those of factors and shifts before another one.
      let isCancelled = network.nodes.contains { $0.kind == "batch_norm" }
      let least: Float = !isCancelled ? 0.01 : entry.variable.name == "bias" ? 1 : 0.02
      let largest = values.reduce(least) { max($0, abs($1)) }
      let wrong = zip(entry.range, values).first { abs(step.gradient[$0] - $1) > 2e-5 * largest }
      let off = zip(entry.range, values).map { abs(step.gradient[$0] - $1) }.max() ?? 0
      #expect(
        wrong == nil,
        "\(model.name): \(entry.variable.name) of node \(entry.node): \(off) of \(largest)")
    }
  }

  @Test(arguments: models) func outputsAreThoseOfThePlainLayers(model: ModelSpec) throws {
    var network = try Network(model, seed: 5)
    network.shakeNormalizations()
    let source = ListedSamples.random(network.inputShape, count: 21, classes: 3)
    var probe = Probe(network, batch: 21)
    let plain = probe.forward(
      Tensor(samples: 21, shape: source.shape, values: source.values)
    ).values
    let fused = try Predictor(network, pool: ThreadPool(threads: 2)).outputs(
      source, (0..<21).map { Int32($0) }
    ).values
    #expect(fused.count == plain.count)
    let largest = plain.reduce(Float(1)) { max($0, abs($1)) }
    let wrong = zip(fused, plain).first { abs($0 - $1) > 1e-5 * largest }
    #expect(wrong == nil, "\(model.name)")
  }

  // Whichever way a sample comes to the fused layers, alone, cut into pieces or in a batch.
  @Test(arguments: models) func aSampleAloneIsASampleInABatch(model: ModelSpec) throws {
    var network = try Network(model, seed: 5)
    network.shakeNormalizations()
    let source = ListedSamples.random(network.inputShape, count: 5, classes: 3)
    let predictor = Predictor(network, pool: ThreadPool(threads: 3))
    let all = try predictor.outputs(source, [0, 1, 2, 3, 4]).values
    let alone = try predictor.outputs(source, [3]).values
    #expect(alone == Array(all[(3 * alone.count)..<(4 * alone.count)]), "\(model.name)")
  }
}

extension BatchNorm {
  /// The same, with statistics that stay.
  fileprivate func frozen() -> BatchNorm {
    var frozen = self
    frozen.common.trainable = false
    return frozen
  }
}

extension Network {
  /// Gives every normalization other factors, shifts and statistics than those it starts with.
  fileprivate mutating func shakeNormalizations() {
    var random = CounterRandom(seed: 3, .test)
    for entry in layout.entries where nodes[entry.node].kind == "batch_norm" {
      let isVariance = entry.variable.name == "moving_variance"
      setValues(
        (0..<entry.range.count).map { _ in random.uniform() * 2 - (isVariance ? -0.5 : 1) },
        of: entry)
    }
  }
}

/// Branches side by side, whose outputs are concatenated.
private struct Branches: BlockSpec {
  static let kind = "test_branches"
  static let help = "its branches side by side"
  static let prototype = Branches(branches: [])
  static let settings: [Setting<Branches>] = [
    Setting(branches: "branches", \.branches, "what is side by side").required()
  ]
  var common = LayerCommon()
  var branches: [[any LayerSpec]]

  init(branches: [[any LayerSpec]]) { self.branches = branches }

  func add(to graph: inout GraphBuilder) throws(ModelError) {
    let start = graph.current
    var ends: [Int] = []
    for branch in branches {
      graph.rewind(to: start)
      try graph.append(contentsOf: branch)
      ends.append(graph.current)
    }
    try graph.appendConcatenation(of: ends)
  }
}
