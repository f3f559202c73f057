import Files
import ImageData
import NeuralNetwork
import Platform
import TestSupport

@testable import Interchange

/// Networks with weights that are none of those they start with, and what C and they give for images.
enum CSupport {
  /// A network whose variables are all random: a bias that is 0 would hide where it is left out.
  static func network(_ spec: ModelSpec, seed: UInt64 = 1) throws -> Network {
    var network = try Network(spec, seed: seed)
    var random = SplitMix64(state: seed)
    for entry in network.layout.entries {
      let isPositive = entry.variable.name.hasSuffix("variance")
      let values = network.values(of: entry).map { value in
        isPositive
          ? Float.random(in: 0.3...2, using: &random)
          : value + Float.random(in: -0.3...0.3, using: &random)
      }
      network.setValues(values, of: entry)
    }
    return network
  }

  /// Random bytes.
  static func image(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SplitMix64(state: seed)
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  /// A model with its proof.
  static func exported(
    _ network: Network, loss: any Loss = CrossEntropy(), classNames: [String] = [],
    seed: UInt64 = 7
  ) throws -> ExportedModel {
    try ExportedModel(
      TrainedModel(network: network, loss: loss, classNames: classNames),
      image: image(network.inputShape.count, seed: seed))
  }

  /// The text of the C file of a model.
  static func text(_ model: ExportedModel) throws -> String {
    String(decoding: try CFormat().files(of: model, at: "model.c")[0].bytes, as: UTF8.self)
  }

  /// Some layer, which may not fit where it is put.
  static func layer(depth: Int, _ random: inout SplitMix64) -> any LayerSpec {
    func layers(_ counts: ClosedRange<Int>) -> [any LayerSpec] {
      (0..<Int.random(in: counts, using: &random)).map { _ in layer(depth: depth - 1, &random) }
    }
    switch Int.random(in: 0...(depth > 0 ? 19 : 16), using: &random) {
    case 0, 1: return Conv2D(filters: 4, kernel: 3, padding: .same)
    case 2: return Conv2D(filters: 8, kernel: 2, bias: false)
    case 3: return DepthwiseConv2D(kernel: 2, padding: .same)
    case 4: return Dense(units: 4)
    case 5: return BatchNorm()
    case 6: return ReLU()
    case 7: return LeakyReLU()
    case 8: return Sigmoid()
    case 9: return MaxPool2D(window: 2)
    case 10: return MaxPool2D(window: 2, stride: 1, padding: .all(1))
    case 11: return Flatten()
    case 12: return Reshape([-1, 2, 4])
    case 13: return Reshape([2, -1, 2])
    case 14: return Softmax()
    case 15: return ZeroPadding2D()
    case 16: return PReLU(shared: true)
    case 17: return Residual(layers: layers(1...3))
    case 18: return Concatenate(branches: [layers(0...2), layers(0...2)])
    default: return Multiply(layers: layers(1...3))
    }
  }

  /// The compilers of this machine.
  static var compilers: [String] {
    let folders = environmentVariable("PATH")?.split(separator: ":").map(String.init) ?? []
    return ["gcc", "clang"].compactMap { name in
      folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
  }

  /// The largest difference between numbers, relative to those above 1.
  static func distance(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).map { abs($0 - $1) / max(1, abs($1)) }
      .reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
  }
}
