import DataSets
import Foundation
import MiniCNN
import TestSupport

/// Configurations of Keras's models, and the networks they describe.
struct KerasTarget: FuzzTarget {
  let seeds: [[UInt8]]

  /// Takes what an export states of each kind of layer, and models as Keras 2 and 3 state them.
  init() throws {
    let ours = try LayerCases.firstOfEach().map {
      try Self.configuration($0.classifier(classes: 4))
    }
    seeds = ours + [Self.second, Self.third].map { Array($0.utf8) }
  }

  private static func configuration(_ spec: ModelSpec) throws -> [UInt8] {
    let network = try Network(spec, seed: 1)
    let image = [UInt8](repeating: 100, count: network.inputShape.count)
    let model = try ExportedModel(TrainedModel(network: network), image: image)
    let files = try KerasFormat().files(of: model, at: "a.keras")
    let archive = try ZipArchive(files[0].bytes, path: "a.keras", isConfined: false)
    let number = archive.members.firstIndex { $0.name == "config.json" } ?? 0
    return try archive.content(ofMember: number)
  }

  private static let second = """
    {"class_name": "Model", "config": {"name": "m", "layers": [
    {"class_name": "InputLayer", "name": "i", "inbound_nodes": [], "config": {"batch_input_shape": [null, 4, 4, 1]}},
    {"class_name": "Conv2D", "name": "c", "inbound_nodes": [[["i", 0, 0, {}]]],
     "config": {"filters": 2, "kernel_size": [3, 3], "padding": "same", "activation": "relu"}},
    {"class_name": "LeakyReLU", "name": "l", "inbound_nodes": [[["c", 0, 0, {}]]], "config": {"alpha": 0.25}},
    {"class_name": "Add", "name": "a", "inbound_nodes": [[["c", 0, 0, {}], ["l", 0, 0, {}]]], "config": {}},
    {"class_name": "Sequential", "name": "s", "inbound_nodes": [[["a", 0, 0, {}]]], "config": {"name": "s", "layers": [
     {"class_name": "Flatten", "config": {"name": "f"}}, {"class_name": "Dense", "config": {"name": "d", "units": 2}}]}}],
    "input_layers": [["i", 0, 0]], "output_layers": [["s", 1, 0]]}}
    """

  private static let third = """
    {"class_name": "Sequential", "config": {"name": "m", "build_input_shape": [null, 6, 6, 2], "layers": [
    {"class_name": "SeparableConv2D", "config": {"name": "s", "filters": 3, "kernel_size": 3, "trainable": false,
     "activation": {"class_name": "LeakyReLU", "config": {"name": "l", "negative_slope": 0.1}}}},
    {"class_name": "Normalization", "config": {"name": "n", "axis": [-1], "mean": [[1, 2, 3]], "variance": 1}},
    {"class_name": "ZeroPadding2D", "config": {"name": "z", "padding": [[1, 0], [2, 1]]}},
    {"class_name": "LayerNormalization", "config": {"name": "y", "axis": [1, 2, 3], "epsilon": 1e-3}},
    {"class_name": "GlobalMaxPooling2D", "config": {"name": "g", "keepdims": true}}]}}
    """

  func reads(_ bytes: UnsafeRawBufferPointer) -> Bool {
    // Its weights would be in a file of this size.
    let limit = 1 << 18
    do throws(FileError) {
      _ = try KerasModel.network(
        configuration: Array(bytes), file: "a.keras", limit: limit)
      return true
    } catch {
      check(error.description)
      return false
    }
  }
}
