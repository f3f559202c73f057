import ImageData
import NeuralNetwork
import Platform
import Testing

@testable import Interchange

/// Every kind of layer with integers beside the same with floats.
@Suite struct QuantizedLayersTests {
  /// What has no form in integers.
  static let refused: Set = ["conv2d_transpose", "group_norm", "layer_norm"]

  /// The root of the mean square of a difference, as a share of the numbers' own.
  private static func error(_ quantized: QuantizedNetwork, _ images: ImageSet) throws -> Double {
    let numbers = (0..<Int32(images.count)).map { $0 }
    let shape = quantized.model.network.inputShape
    var probe = Probe(quantized.model.network, batch: images.count)
    let exact = probe.forward(images.pixelBatch(numbers, shape: shape)).values
    let found = quantized.scores(images, numbers, threads: 1).flatMap { $0 }
    let difference = zip(exact, found).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    let size = exact.reduce(0.0) { $0 + Double($1 * $1) }
    return (difference / max(size, 1e-30)).squareRoot()
  }

  @Test func everyKindGivesWhatItGivesInFloatsOrIsRefused() throws {
    var kinds: Set<String> = []
    for (kind, spec) in try QuantizationSupport.cases() {
      do {
        let (quantized, images) = try QuantizationSupport.quantized(spec)
        let error = try Self.error(quantized, images)
        #expect(error < 0.05, "\(spec.name): \(error)")
        kinds.insert(kind)
      } catch let refusal as ModelError {
        let isBilinear = kind == "up_sampling2d"
        #expect(Self.refused.contains(kind) || isBilinear, "\(refusal)")
        #expect(refusal.problem.hasSuffix("with these settings has no form in integers"))
        #expect(refusal.layer == "layer \(kind)", "\(spec.name): \(refusal)")
      }
    }
    #expect(kinds == Set(LayerRegistry.builtIn.map { $0.kind }).subtracting(Self.refused))
  }

  @Test func normalizationsAndRectifiersBecomePartOfSums() throws {
    let spec = ModelSpec("folded", input: [6, 6, 2]) {
      Rescaling(scale: 2, offset: -1)
      Conv2D(filters: 3, kernel: 3)
      BatchNorm()
      ReLU()
      Residual {
        Conv2D(filters: 3, kernel: 3, padding: .same, bias: false)
        BatchNorm()
      }
      ReLU6()
      Dropout(rate: 0.5)
      Flatten()
      Dense(units: 4)
    }
    let (quantized, images) = try QuantizationSupport.quantized(spec)
    #expect(quantized.steps.map(\.name) == ["conv2d", "conv2d_1", "add", "dense"])
    #expect(try Self.error(quantized, images) < 0.03)
  }

  @Test func whatCannotBeFoldedIsASumOfItsOwn() throws {
    // Padding would have to be rescaled too, and the second normalization's input is read by others.
    let spec = ModelSpec("unfolded", input: [5, 5, 2]) {
      Rescaling(scale: 2, offset: -1)
      Conv2D(filters: 2, kernel: 3, padding: .same)
      Residual {
        BatchNorm()
        ReLU()
        Conv2D(filters: 2, kernel: 1)
      }
    }
    let (quantized, images) = try QuantizationSupport.quantized(spec)
    #expect(
      quantized.steps.map(\.name) == ["rescaling", "conv2d", "batch_norm", "conv2d_1", "add"])
    #expect(try Self.error(quantized, images) < 0.03)
  }

  @Test func theLastSumsKeepMoreBitsThanEight() throws {
    let spec = ModelSpec("wide", input: [1, 8, 1]) {
      Flatten(); Dense(units: 3)
    }
    let (quantized, images) = try QuantizationSupport.quantized(spec)
    let outputs = quantized.outputs(images, [0, 1, 2])
    #expect(outputs.joined().contains { $0.magnitude > 10_000 })
    #expect(outputs.joined().allSatisfy { $0.magnitude <= 1 << 23 })
  }

  @Test func weightsThatAreAllZeroGiveZero() throws {
    let spec = ModelSpec("zero", input: [1, 4, 1]) {
      Flatten(); Dense(units: 2)
    }
    var network = try Network(spec, seed: 1)
    for entry in network.layout.entries {
      network.setValues([Float](repeating: 0, count: entry.variable.shape.count), of: entry)
    }
    let images = try QuantizationSupport.images(spec.input, count: 2)
    let quantized = try QuantizedNetwork(
      TrainedModel(network: network), calibration: images, numbers: [0, 1])
    #expect(quantized.scores(images, [0, 1]) == [[0, 0], [0, 0]])
  }

  @Test func anActivationOfOnesOwnIsATable() throws {
    let spec = ModelSpec("own", input: [1, 8, 1]) {
      Flatten(); Dense(units: 6); Cube(); Dense(units: 2)
    }
    let (quantized, images) = try QuantizationSupport.quantized(spec)
    #expect(quantized.steps.map(\.name) == ["dense", "cube", "dense_1"])
    #expect(try Self.error(quantized, images) < 0.05)
  }

  @Test func theBitsDoNotDependOnThreads() throws {
    let spec = ModelSpec("threads", input: [6, 6, 1]) {
      Conv2D(filters: 3, kernel: 3); ReLU(); Flatten(); Dense(units: 3)
    }
    let model = try QuantizationSupport.model(spec)
    let images = try QuantizationSupport.images(spec.input, count: 50)
    let numbers = (0..<Int32(50)).map { $0 }
    let outputs = try [1, 3].map { threads in
      try QuantizedNetwork(model, calibration: images, numbers: numbers, threads: threads)
        .outputs(images, numbers, threads: threads)
    }
    #expect(outputs[0] == outputs[1])
  }

  // MARK: What is refused

  @Test func sumsThatMightNotFit32BitsAreRefused() throws {
    let spec = ModelSpec("large", input: [300, 300, 1]) {
      Flatten(); Dense(units: 1)
    }
    var network = try Network(spec, seed: 1)
    for entry in network.layout.entries {
      network.setValues([Float](repeating: 1, count: entry.variable.shape.count), of: entry)
    }
    let error = #expect(throws: ModelError.self) {
      try QuantizedNetwork(
        TrainedModel(network: network),
        calibration: QuantizationSupport.images(spec.input, count: 1), numbers: [0])
    }
    #expect(
      error?.description
        == "layer dense: its sums of integers may reach 2914682385; expected at most 2147483647")
  }

  @Test func numbersThatAreNotFiniteAreRefused() throws {
    let spec = ModelSpec("infinite", input: [1, 2, 1]) {
      Flatten(); Dense(units: 1)
    }
    var network = try Network(spec, seed: 1)
    let kernel = try #require(network.layout.entries.first)
    network.setValues([.infinity, 1], of: kernel)
    let error = #expect(throws: ModelError.self) {
      try QuantizedNetwork(
        TrainedModel(network: network),
        calibration: QuantizationSupport.images(spec.input, count: 1), numbers: [0])
    }
    #expect(error?.description == "layer dense: gives numbers that are not finite")
  }

  @Test func aBiasFarAboveAllWeightsStillFits() throws {
    let spec = ModelSpec("bias", input: [1, 2, 1]) {
      Flatten(); Dense(units: 2)
    }
    var network = try Network(spec, seed: 1)
    for entry in network.layout.entries {
      network.setValues(
        entry.variable.name == "bias" ? [1e6, -1] : [1e-6, 1, 1e-6, 1], of: entry)
    }
    let images = try QuantizationSupport.images(spec.input, count: 4)
    let quantized = try QuantizedNetwork(
      TrainedModel(network: network), calibration: images, numbers: [0, 1, 2, 3])
    let scores = quantized.scores(images, [0])[0]
    #expect((scores[0] - 1e6).magnitude < 1)
  }
}

/// x³, which the library does not have.
private struct Cube: ActivationSpec {
  static let kind = "cube"
  static let help = "x³"
  static let prototype = Cube()
  var common = LayerCommon()

  func forward(_ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    for i in 0..<count { y[i] = x[i] * x[i] * x[i] }
  }

  func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { dx[i] = 3 * x[i] * x[i] * dy[i] }
  }
}
