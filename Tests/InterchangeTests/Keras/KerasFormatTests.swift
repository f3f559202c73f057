import DataSets
import Files
import ImageData
import NeuralNetwork
import TestSupport
import Testing

@testable import Interchange

/// `.keras` files that are written and read again; `Tests/Interop/check_keras.py` has Keras open them.
@Suite struct KerasFormatTests {
  /// A network with random variables; variances are positive.
  private func network(_ spec: ModelSpec) throws -> Network {
    var network = try Network(spec, seed: 3)
    for (number, entry) in network.layout.entries.enumerated() where !entry.variable.isCount {
      let values = (0..<entry.variable.shape.count).map { i in
        Float((i * 37 + number * 11) % 97) / 97 - (entry.variable.role == .statistic ? -0.1 : 0.5)
      }
      network.setValues(values, of: entry)
    }
    return network
  }

  private func exported(_ network: Network, classNames: [String] = []) throws -> ExportedModel {
    let image = (0..<network.inputShape.count).map { UInt8(truncatingIfNeeded: $0 * 29) }
    return try ExportedModel(
      TrainedModel(network: network, classNames: classNames), image: image)
  }

  private func readAgain(_ network: Network) throws -> Network {
    let file = try KerasFormat().files(of: try exported(network), at: "a.keras")[0]
    return try KerasModel(archive: file.bytes, path: "a.keras").trained.network
  }

  @Test func everyKindOfLayerSurvives() throws {
    for one in try LayerCases.firstOfEach() {
      let network = try network(one.spec)
      let x = (0..<2 * network.inputShape.count).map { Float(($0 * 53) % 89) / 89 - 0.3 }
      let found = KerasFixtures.outputs(try readAgain(network), x)
      for (a, b) in zip(found, KerasFixtures.outputs(network, x)) {
        #expect(abs(a - b) <= 1e-5 * max(1, abs(b)), "\(one.kind), \(one.name)")
      }
    }
  }

  @Test func everyCaseOfEveryKindCanBeStated() throws {
    for kind in LayerRegistry.builtIn {
      let cases = try LayerCases.of(kind.kind)
      #expect(!cases.isEmpty, "\(kind.kind) has no case")
      for one in cases {
        let files = try KerasFormat().files(of: exported(try network(one.spec)), at: "a.keras")
        #expect(files.count == 1, "\(kind.kind), \(one.name)")
      }
    }
  }

  @Test func whatKerasHasNoNameForIsStatedExactly() throws {
    let spec = ModelSpec("m", input: [9, 8, 2]) {
      Conv2D(
        filters: 4, kernel: 3, stride: Extent2D(2, 1),
        padding: .explicit(top: 1, bottom: 0, left: 2, right: 1))
      Conv2D(filters: 4, kernel: 2, stride: 2, padding: .same, dilation: 2)
      DepthwiseConv2D(kernel: 2, stride: Extent2D(1, 2), padding: .same)
      ReLU()
      MaxPool2D(window: 3, stride: 2, padding: .all(1))
    }
    let network = try network(spec)
    let read = try readAgain(network)
    #expect(
      read.nodes.map(\.kind) == [
        "zero_padding2d", "conv2d", "zero_padding2d", "conv2d", "max_pool2d", "zero_padding2d",
        "depthwise_conv2d", "max_pool2d", "relu", "zero_padding2d", "max_pool2d",
      ])
    let x = (0..<144).map { Float(($0 * 53) % 89) / 89 }
    #expect(KerasFixtures.outputs(read, x) == KerasFixtures.outputs(network, x))
  }

  @Test func whatKerasCannotDoIsRefusedByName() throws {
    func refusal(_ layers: [any LayerSpec]) throws -> String {
      let network = try network(ModelSpec("m", input: [9, 8, 2], layers: layers))
      let error = #expect(throws: ModelError.self) { try readAgain(network) }
      return error.map { "\($0)" } ?? ""
    }
    #expect(
      try refusal([AvgPool2D(window: 3, stride: 2, padding: .all(1))])
        == "layer avg_pool2d: Keras has no avg_pool2d with padding [1, 1, 1, 1]; padding: same, or valid after a zero_padding2d"
    )
    #expect(
      try refusal([
        Rescaling(scale: 1, offset: -1), MaxPool2D(window: 3, stride: 2, padding: .all(1)),
      ])
        == "layer max_pool2d: Keras has no max_pool2d with padding [1, 1, 1, 1]; padding: same, or valid after a zero_padding2d"
    )
    #expect(
      try refusal([Conv2DTranspose(filters: 2, kernel: 3, stride: 2, dilation: 2)])
        == "layer conv2d_transpose: Keras has no transposed convolution with a stride and a dilation"
    )
    #expect(
      try refusal([Halving()]) == "layer halving: Keras has no layer that does what halving does")
  }

  @Test func theSameModelGivesTheSameBytesWithItsProof() throws {
    let network = try network(
      ModelSpec("m", input: [4, 4, 1]) {
        Residual { Conv2D(filters: 1, kernel: 3, padding: .same) }
        Flatten()
        Dense(units: 2)
      })
    let model = try exported(network, classNames: ["cat", "dog"])
    let format = KerasFormat()
    let file = try format.files(of: model, at: "a.keras")[0]
    #expect(try format.files(of: model, at: "a.keras")[0].bytes == file.bytes)
    let read = try KerasModel(archive: file.bytes, path: "a.keras")
    #expect(read.trained.classNames == ["cat", "dog"])
    #expect(read.trained.network.weightsSHA256 == network.weightsSHA256)
    let archive = try ZipArchive(file.bytes, path: "a.keras")
    #expect(archive.members.map(\.name) == ["metadata.json", "config.json", "model.weights.h5"])
    let metadata = try JSONValue(
      try archive.content(ofMember: 0), file: "a.keras", place: "metadata.json")
    let proof = metadata["minicnn"]
    #expect(proof?["weights_sha256"]?.text == network.weightsSHA256)
    #expect(proof?["outputs"] == "logits")
    #expect(proof?["test_image"]?.list?.compactMap(\.integer) == model.proof.image.map { Int($0) })
    #expect(
      proof?["test_scores"]?.list?.compactMap { $0.number.map { Float($0) } } == model.proof.scores)
    let config = try JSONValue(
      try archive.content(ofMember: 1), file: "a.keras", place: "config.json")
    #expect(config["class_name"] == "Functional")
  }

  @Test func frozenLayersStayFrozenAndNamesAreKept() throws {
    var dense = Dense(units: 3).named("top/dense")
    dense.common.trainable = false
    let network = try network(
      ModelSpec("m", input: [4]) {
        dense; Dense(units: 2).named("last")
      })
    let read = try readAgain(network)
    #expect(read.nodes.map(\.name) == ["top_dense", "last"])
    #expect(read.nodes.map(\.isTrained) == [false, true])
  }
}

/// A layer that Keras does not have.
private struct Halving: LayerSpec, ActivationSpec {
  static let kind = "halving"
  static let help = "x / 2"
  static let prototype = Halving()
  var common = LayerCommon()

  func forward(_ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    for i in 0..<count { y[i] = x[i] / 2 }
  }

  func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { dx[i] = dy[i] / 2 }
  }
}
