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

  /// The largest difference, as a share of the number where that is above 1, and of the layer's largest
  /// where that is below.
  static func distance(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    let largest = b.reduce(1e-6) { max($0, abs($1)) }
    return zip(a, b).reduce(0) {
      max($0, abs($1.0 - $1.1) / (largest < 1 ? largest : max(1, abs($1.1))))
    }
  }

  @Test func digitsFastAgreesOnAThousandDigits() throws {
    let (network, digits) = (try Self.shipped("digits-fast"), try Self.digits())
    var left = 0
    for start in stride(from: 0, to: 1000, by: 250) {
      left += try Self.compare(network, digits, start..<start + 250)
    }
    #expect(left <= 5)
  }

  @Test(arguments: ["lenet5", "digits-best"])
  func shippedModelsAgree(name: String) throws {
    #expect(try Self.compare(Self.shipped(name), Self.digits(), 0..<10) <= 1)
  }

  @Test(arguments: ["digits-tiny", "fashion", "mlp", "mnist-cnn", "resnet-mini"])
  func untrainedModelsAgree(name: String) throws {
    let spec = try ModelFile(contentsOf: Repository.path("Models/\(name).yaml")).spec
    var network = try Network(spec, seed: 7)
    // Without any bias, a ReLU gets 0 but for rounding wherever the paper is empty.
    for entry in network.layout.entries where entry.variable.role == .bias {
      let values = network.values(of: entry).indices.map { 0.02 + 0.01 * Float($0 % 5) }
      network.setValues(values, of: entry)
    }
    #expect(try Self.compare(network, Self.digits(), 0..<10) <= 1)
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
      try PageEngine(network, page: page).run(input) { image, found, expected in
        Self.check(found, expected, network, "\(one.name), image \(image)")
      }
    }
    #expect(drawn > 0 || Self.refused.contains(kind))
  }

  // MARK: Comparing

  static func shipped(_ name: String) throws -> Network {
    try Checkpoint(contentsOf: Repository.path("Models/\(name).weights.h5")).network
  }

  static func digits() throws -> ImageSet {
    try DataFolder(Repository.path("Datasets/mnist")).load(.test)
  }

  /// Compares digits of a set; returns of how many the gradient was not, because a ReLU gets a number that
  /// is 0 but for rounding.
  static func compare(_ network: Network, _ digits: ImageSet, _ range: Range<Int>) throws -> Int {
    let page = try SeePage(
      network, name: "test", classNames: [], picture: .init(digits, index: range.lowerBound)
    ).html()
    var images = Tensor(samples: range.count, shape: digits.sampleShape)
    let numbers = range.map(Int32.init)
    numbers.withUnsafeBufferPointer { digits.copySamples($0, to: images.mutablePointer()) }
    var left = 0
    try PageEngine(network, page: page).run(images) { image, found, expected in
      let isOnTheEdge = zip(network.nodes, found.activations).contains { node, y in
        guard node.kind == "relu" else { return false }
        let others = expected.activations[node.output - 1]
        return zip(y, others).contains { ($0 > 0) != ($1 > 0) && abs($0 - $1) < 1e-5 }
      }
      if isOnTheEdge { left += 1 }
      check(
        found, expected, network, "digit \(range.lowerBound + image)", gradients: !isOnTheEdge)
    }
    return left
  }

  private static func check(
    _ found: PageEngine.Result, _ expected: PageEngine.Result, _ network: Network, _ what: String,
    gradients: Bool = true
  ) {
    for (node, (a, b)) in zip(network.nodes, zip(found.activations, expected.activations)) {
      #expect(distance(a, b) <= tolerance, "\(what): \(node.name)")
    }
    guard gradients else { return }
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
