import Checkpoints
import ImageData
import ModelFiles
import NeuralNetwork
import Pages
import TestSupport
import Testing

@testable import Reports

/// The numbers of a page against the library's own.
@Suite struct PageEngineTests {
  /// What single precision leaves of sums of some thousand numbers.
  static let tolerance: Float = 1e-4

  /// The largest difference, as a share of the number where that is above 1.
  static func distance(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1) / max(1, abs($1.1))) }
  }

  @Test func digitsFastAgreesOnAThousandDigits() throws {
    let checkpoint = try Self.shipped("digits-fast")
    let digits = try DataFolder(Repository.path("Datasets/mnist")).load(.test)
    var ties = 0
    for start in stride(from: 0, to: 1000, by: 250) {
      ties += try Self.compare(checkpoint, digits, start..<start + 250)
    }
    #expect(ties <= 20, "digits in which two numbers are equal but for their rounding")
  }

  @Test(arguments: ["lenet5", "digits-best"])
  func shippedModelsAgree(name: String) throws {
    let digits = try DataFolder(Repository.path("Datasets/mnist")).load(.test)
    #expect(try Self.compare(Self.shipped(name), digits, 0..<10) <= 1)
  }

  @Test(arguments: ["digits-tiny", "fashion", "mlp", "mnist-cnn", "resnet-mini"])
  func untrainedModelsAgree(name: String) throws {
    let spec = try ModelFile(contentsOf: Repository.path("Models/\(name).yaml")).spec
    let digits = try DataFolder(Repository.path("Datasets/mnist")).load(.test)
    #expect(try Self.compare(Network(spec, seed: 7), digits, 0..<10) <= 1)
  }

  /// The kinds that a page does not compute.
  static let refused: Set = ["conv2d_transpose"]

  @Test(arguments: LayerRegistry.builtIn.map { $0.kind })
  func everyKindAgreesOrIsRefused(kind: String) throws {
    var drawn = 0
    for one in try LayerCases.of(kind) {
      var network = try Network(one.spec, seed: 5)
      Self.scatter(&network)
      let model: DrawnModel
      do {
        model = try DrawnModel(network, loss: CrossEntropy())
      } catch {
        let isBilinear = "\(error)".contains("up_sampling2d")
        #expect(Self.refused.contains(kind) || isBilinear, "\(error)")
        continue
      }
      drawn += 1
      let page = try Markup.all([
        Markup.data(PageData.json(["model": model]), id: "model"),
        Markup.script(Pages.engine, id: "engine"),
      ]).source
      let input = GradientChecker.spacedInput(one.spec.input, samples: 2)
      var probe = ProbeResults(network)
      let engine = try PageEngine(network, page: page)
      try engine.run(input) { image, found in
        let size = one.spec.input.count
        let own = Array(input.values[image * size..<(image + 1) * size])
        let expected = probe.run(own, output: image % network.outputShape.count)
        Self.check(found, expected, network, "\(one.name), image \(image)")
      }
    }
    #expect(drawn > 0 || Self.refused.contains(kind))
  }

  // MARK: Comparing

  static func shipped(_ name: String) throws -> Network {
    try Checkpoint(contentsOf: Repository.path("Models/\(name).weights.h5")).network
  }

  /// Compares digits of a set; returns how many could not be, because two numbers that are compared in
  /// the network are equal but for rounding.
  static func compare(_ network: Network, _ digits: ImageSet, _ range: Range<Int>) throws -> Int {
    let page = try SeePage(
      network, name: "test", classNames: [], picture: .init(digits, index: range.lowerBound)
    ).html()
    let size = digits.sampleShape.count
    var images = Tensor(samples: range.count, shape: digits.sampleShape)
    let numbers = range.map(Int32.init)
    numbers.withUnsafeBufferPointer { digits.copySamples($0, to: images.mutablePointer()) }
    var probe = ProbeResults(network)
    var ties = 0
    try PageEngine(network, page: page).run(images) { image, found in
      let own = Array(images.values[image * size..<(image + 1) * size])
      let expected = probe.run(own, output: image % network.outputShape.count)
      if isWithinRounding(expected, network) && !agree(found, expected) {
        ties += 1
      } else {
        check(found, expected, network, "digit \(range.lowerBound + image)")
      }
    }
    return ties
  }

  private static func agree(_ a: PageEngine.Result, _ b: PageEngine.Result) -> Bool {
    zip(a.gradients, b.gradients).allSatisfy { distance($0, $1) <= tolerance }
  }

  /// Whether a ReLU gets a number that is 0 but for rounding, or a max pooling two equal ones that are not.
  private static func isWithinRounding(_ result: PageEngine.Result, _ network: Network) -> Bool {
    for (node, y) in zip(network.nodes, result.activations) where node.kind == "relu" {
      guard node.input > 0 else { continue }
      let x = result.activations[node.input - 1]
      if zip(x, y).contains(where: { abs($0.0) < 2e-6 && $0.0 != 0 }) { return true }
    }
    return network.nodes.contains { node in
      guard node.kind == "max_pool2d", node.input > 0 else { return false }
      let x = result.activations[node.input - 1].filter { $0 != 0 }.sorted()
      return zip(x, x.dropFirst()).contains { $0.1 - $0.0 < 2e-6 * max(1, abs($0.0)) }
    }
  }

  private static func check(
    _ found: PageEngine.Result, _ expected: PageEngine.Result, _ network: Network, _ what: String
  ) {
    for (node, (a, b)) in zip(network.nodes, zip(found.activations, expected.activations)) {
      #expect(distance(a, b) <= tolerance, "\(what): \(node.name)")
    }
    let names = ["the image"] + network.nodes.map(\.name)
    for (name, (a, b)) in zip(names, zip(found.gradients, expected.gradients)) {
      #expect(distance(a, b) <= tolerance, "\(what): gradient of \(name)")
    }
  }

  /// Gives every variable numbers of its own, as a factor of 1 and a shift of 0 hide mistakes.
  private static func scatter(_ network: inout Network) {
    for entry in network.layout.entries {
      var values = network.values(of: entry)
      for i in values.indices {
        let wave = Float((i * 7 + entry.index * 3) % 11) / 11
        values[i] = entry.variable.role == .statistic ? 0.5 + wave : values[i] + 0.3 * wave
      }
      network.setValues(values, of: entry)
    }
  }
}
