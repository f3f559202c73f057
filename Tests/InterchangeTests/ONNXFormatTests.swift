import Files
import Foundation
import ImageData
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing
import Training

@testable import Interchange

@Suite struct ONNXFormatTests {
  private func exported(
    _ spec: ModelSpec, loss: any Loss = MeanSquaredError(), classNames: [String] = []
  ) throws -> ExportedModel {
    var network = try Network(spec, seed: 1)
    network.enliven(seed: 1)
    let image = (0..<network.inputShape.count).map { UInt8($0 * 37 % 256) }
    return try ExportedModel(
      TrainedModel(network: network, loss: loss, classNames: classNames), image: image)
  }

  private func bytes(_ model: ExportedModel) throws -> [UInt8] {
    try #require(try ONNXFormat().files(of: model, at: "m.onnx").first).bytes
  }

  private func graph(_ spec: ModelSpec) throws -> ONNXGraph {
    try ONNXModel(reading: try bytes(try exported(spec)), path: "m.onnx").graph
  }

  // MARK: What is computed

  /// A kind without a case fails here.
  @Test func everyKindHasACase() throws {
    let kinds = Set(
      try ExportCases.all().flatMap { try Network($0.spec, seed: 0).nodes.map(\.kind) })
    for type in LayerRegistry.builtIn where !(type is any BlockSpec.Type) {
      #expect(kinds.contains(type.kind), "\(type.kind)")
    }
  }

  /// Sums in another order, and a standard deviation that is squared and drawn again.
  @Test func everyCaseIsReadBackAsWhatItComputes() throws {
    for one in try ExportCases.all() {
      let model = try exported(one.spec)
      let again = try TrainedModel(onnx: try bytes(model), path: "m.onnx")
      let x = ListedSamples.random(model.network.inputShape, count: 3)
      let pool = ThreadPool(threads: 1)
      let expected = try Predictor(model.network, pool: pool).outputs(x, [0, 1, 2])
      let found = try Predictor(again.network, pool: pool).outputs(x, [0, 1, 2])
      #expect(found.shape == expected.shape, "\(one.name)")
      let difference = zip(found.values, expected.values).reduce(Float(0)) {
        max($0, abs($1.0 - $1.1) / max(1, abs($1.1)))
      }
      #expect(difference <= 1e-5, "\(one.name): \(difference)")
    }
  }

  /// What does nothing outside of training is left out, and so is what changes no number here. A convolution of each
  /// channel by itself is a depthwise one, a reshaping to a vector a flattening.
  @Test func everyLayerIsReadAsItself() throws {
    for type in LayerRegistry.builtIn {
      for one in try LayerCases.of(type.kind) {
        let network = try exported(one.spec).network
        let kept = network.nodes.filter { node in
          switch node.spec {
          case is Dropout, is SpatialDropout2D, is GaussianNoise: false
          case let spec as UpSampling2D: spec.size != 1
          case let spec as ZeroPadding2D: spec.padding != 0
          case is Flatten, is Reshape: network.activationShapes[node.input] != node.outputShape
          default: true
          }
        }
        let kinds = kept.map { node in
          switch node.spec {
          case let spec as Conv2D
          where spec.groups > 1
            && spec.groups == network.activationShapes[node.input].array.last:
            "depthwise_conv2d"
          case is Reshape where node.outputShape.rank == 1: "flatten"
          default: node.kind
          }
        }
        let again = try TrainedModel(onnx: try bytes(try exported(one.spec)), path: "m.onnx")
        if !kinds.isEmpty {
          #expect(again.network.nodes.map(\.kind) == kinds, "\(type.kind), \(one.name)")
        }
        for (mine, read) in zip(kept, again.network.nodes) where mine.spec != nil {
          #expect(mine.name == read.name, "\(type.kind), \(one.name)")
        }
      }
    }
  }

  @Test func aClassifierKeepsItsLayersAndItsWeights() throws {
    let spec = ModelSpec("digits", input: [6, 6, 2]) {
      Conv2D(filters: 3, kernel: 3, padding: .same).named("first")
      BatchNorm(); ReLU()
      MaxPool2D()
      Residual(layers: [Conv2D(filters: 3, kernel: 3, padding: .same), SiLU()])
      Flatten()
      Dense(units: 4).named("scores")
    }
    let model = try exported(spec, loss: CrossEntropy(), classNames: ["a", "b", "c", "ü\"\\"])
    let again = try TrainedModel(onnx: try bytes(model), path: "m.onnx")
    #expect(again.network.spec.name == "digits")
    #expect(again.network.nodes.map(\.name) == model.network.nodes.map(\.name))
    #expect(again.network.nodes.map(\.kind) == model.network.nodes.map(\.kind))
    #expect(again.network.weightsSHA256 == model.network.weightsSHA256)
    #expect(again.loss.text == "cross_entropy")
    #expect(again.classNames == ["a", "b", "c", "ü\"\\"])
  }

  // MARK: What is in the file

  /// The order of axes is met by the kernels, and by nothing at run time.
  @Test(arguments: [
    "digits-best", "digits-fast", "digits-tiny", "fashion", "lenet5", "mlp", "mnist-cnn",
    "resnet-mini",
  ])
  func noModelTransposes(name: String) throws {
    let spec = try ModelFile(contentsOf: Repository.path("Models/\(name).yaml")).spec
    let types = Set(try graph(spec).nodes.map(\.type))
    #expect(!types.contains("Transpose") && !types.contains("Reshape"), "\(types.sorted())")
  }

  @Test func aGraphHasTheLayersNames() throws {
    let graph = try graph(
      ModelSpec("m", input: [4, 5, 3]) {
        Conv2D(filters: 2, kernel: 3, stride: 2, padding: .same).named("conv"); GELU();
        Dropout(rate: 0.5)
        Flatten(); Dense(units: 7)
      })
    #expect(
      graph.nodes.map(\.name) == [
        "conv", "gelu/Div", "gelu/Erf", "gelu/Add", "gelu/Mul", "gelu", "flatten", "dense",
      ])
    #expect(graph.nodes[0].inputs == ["input", "conv/kernel", "conv/bias"])
    #expect(
      graph.nodes[0].attributes.map(\.name)
        == ["dilations", "group", "kernel_shape", "pads", "strides"])
    #expect(graph.nodes[0].attributes[3].value == .ints([0, 1, 1, 1]))
    #expect(graph.nodes[7].outputs == ["numbers"])
    #expect(graph.inputs[0].shape == [.name("N"), .number(3), .number(4), .number(5)])
    #expect(graph.outputs[0].shape == [.name("N"), .number(7)])
    let shapes = Dictionary(uniqueKeysWithValues: graph.initializers.map { ($0.name, $0.shape) })
    #expect(shapes["conv/kernel"] == [2, 3, 3, 3])
    #expect(shapes["dense/kernel"] == [12, 7])
  }

  /// Their numbers are `[height, width, inputs, outputs]` here, and `[outputs, inputs, height, width]` there.
  @Test func kernelsChangeTheOrderOfTheirAxes() throws {
    var network = try Network(
      ModelSpec("m", input: [1, 2, 2]) {
        Conv2D(filters: 2, kernel: Extent2D(1, 2), bias: false); Flatten()
        Dense(units: 1, bias: false)
      }, seed: 0)
    for entry in network.layout.entries {
      network.setValues((0..<entry.range.count).map(Float.init), of: entry)
    }
    let writer = try ONNXGraphWriter(network, output: "y")
    #expect(writer.graph.initializers[0].floats == [0, 4, 2, 6, 1, 5, 3, 7])
  }

  @Test(arguments: [
    (CrossEntropy() as any Loss, false, "logits"), (CrossEntropy(), true, "probabilities"),
    (BinaryCrossEntropy(), false, "scores"), (MeanSquaredError(), false, "numbers"),
  ])
  func theOutputIsNamedForWhatItIs(loss: any Loss, softmax: Bool, name: String) throws {
    let layers: [any LayerSpec] = [Dense(units: 3)] + (softmax ? [Softmax()] : [])
    let model = try exported(ModelSpec("m", input: [4], layers: layers), loss: loss)
    let file = try ONNXModel(reading: try bytes(model), path: "m.onnx")
    #expect(file.graph.outputs.map(\.name) == [name])
    #expect(file.metadata.first { $0.key == "outputs" }?.value == name)
  }

  @Test func theProofIsInTheOrderOfTheInput() throws {
    let model = try exported(
      ModelSpec("m", input: [1, 2, 3]) {
        Flatten(); Dense(units: 2)
      }, loss: CrossEntropy(),
      classNames: ["no", "yes"])
    let file = try ONNXModel(reading: try bytes(model), path: "m.onnx")
    let texts = Dictionary(uniqueKeysWithValues: file.metadata.map { ($0.key, $0.value) })
    #expect(file.irVersion == 7 && file.operatorSet == 13 && file.producer == "MiniCNN")
    #expect(texts["input_divisor"] == "255")
    #expect(texts["class_names"] == #"["no","yes"]"#)
    #expect(texts["weights_sha256"] == model.network.weightsSHA256)
    #expect(texts["test_image"] == "[0,111,37,148,74,185]")
    let outputs = try JSONDecoder().decode(
      [Float].self, from: Data((texts["test_outputs"] ?? "").utf8))
    #expect(outputs == model.proof.scores)
  }

  @Test func aModelHasOneFile() throws {
    let spec = ModelSpec("m", input: [3, 3, 1]) {
      Flatten(); Dense(units: 2)
    }
    #expect(try bytes(try exported(spec)) == bytes(try exported(spec)))
  }

  // MARK: What ONNX cannot state

  private struct Square: ActivationSpec {
    static let kind = "square"
    static let help = "x²"
    static let prototype = Square()
    var common = LayerCommon()
    func forward(
      _ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
    ) { for i in 0..<count { y[i] = x[i] * x[i] } }
    func backward(
      _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
      into dx: UnsafeMutablePointer<Float>
    ) {}
  }

  @Test func aLayerOfYourOwnIsRefusedByName() throws {
    let model = try exported(
      ModelSpec("m", input: [2]) {
        Dense(units: 2); Square().named("squares")
      })
    #expect(
      complaint { try bytes(model) }
        == "layer squares: ONNX has no operators for a layer of the kind square")
  }

  @Test func windowsOfPaddingAloneAreRefused() throws {
    let model = try exported(
      ModelSpec("m", input: [4, 4, 1]) { AvgPool2D(window: 2, stride: 1, padding: .all(2)) })
    #expect(
      complaint { try bytes(model) }
        == "layer avg_pool2d: padding: expected less than its window 2×2 on every side, as ONNX allows no"
        + " more, found [2, 2, 2, 2]")
  }
}
