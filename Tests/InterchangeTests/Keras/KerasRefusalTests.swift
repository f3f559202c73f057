import DataSets
import Files
import HDF5
import NeuralNetwork
import TestSupport
import Testing

@testable import Interchange

/// Files of Keras that are refused, each with the file, the place, what was expected and what was found.
@Suite struct KerasRefusalTests {
  /// The error of a model whose configuration is changed at a way.
  private func refusal(_ changes: [([String], JSONValue)]) throws -> String {
    var config = try JSONValue(
      try KerasFixtures.members("chain-3.keras")["config.json"] ?? [], file: "a", place: "b")
    for (way, value) in changes { config[way] = value }
    let bytes = try config.bytes
    let error = #expect(throws: FileError.self) {
      try KerasModel.network(configuration: bytes, file: "a.keras", limit: 1 << 20)
    }
    return error?.description ?? ""
  }

  private func refusal(ofArchive members: [String: [UInt8]]) throws -> String {
    let archive = try KerasFixtures.archive(members)
    let error = #expect(throws: FileError.self) {
      try KerasModel(archive: archive, path: "a.keras")
    }
    return error?.description ?? ""
  }

  private func layer(_ number: Int, _ key: String) -> [String] {
    ["config", "layers", "\(number)", "config", key]
  }

  @Test func layersAndSettingsThatAreNoneOfOursAreNamed() throws {
    let cases: [([String], JSONValue, String)] = [
      (
        ["config", "layers", "1", "class_name"], "LSTM",
        "layer conv2d: expected a layer that minicnn has too, found \"LSTM\"; minicnn layers lists them"
      ),
      (
        ["config", "layers", "1", "registered_name"], "mine>Conv2D",
        "layer conv2d: expected a class of Keras's own, found \"mine>Conv2D\""
      ),
      (
        layer(1, "data_format"), "channels_first",
        "layer conv2d: data_format: expected \"channels_last\", found \"channels_first\"; build the model with channels last and set its weights, which have the same shapes"
      ),
      (
        layer(1, "activation"), "mish",
        "layer conv2d: activation: expected linear, elu, gelu, leaky_relu, relu, relu6, sigmoid, silu, softmax, swish, tanh, found \"mish\""
      ),
      (
        layer(1, "kernel_size"), [3, 3, 3],
        "layer conv2d: kernel_size: expected a whole number or two, found [3, 3, 3]"
      ),
      (layer(1, "filters"), nil, "layer conv2d: filters: expected a whole number, found nothing"),
      (
        layer(1, "padding"), "causal",
        "layer conv2d: padding: expected valid or same, found \"causal\""
      ),
      (layer(1, "dtype"), "int8", "layer conv2d: dtype: expected \"float32\", found \"int8\""),
      (layer(1, "use_bias"), "no", "layer conv2d: use_bias: expected true or false, found \"no\""),
      (layer(2, "axis"), 1, "layer batch_normalization: axis: [1] is not the last one of 6×6×4"),
      (
        layer(2, "axis"), .integer(.min),
        "layer batch_normalization: axis: expected one axis, found \(Int.min)"
      ),
      (layer(2, "renorm"), true, "layer batch_normalization: renorm: expected false, found true"),
      (
        layer(0, "batch_shape"), [nil, nil, nil, 2],
        "layer input_layer: expected an input of a fixed shape, found [null, null, null, 2]; save the model with the shape of its images"
      ),
      (
        ["class_name"], "Net",
        "expected a Sequential or a Functional model, found \"Net\"; a class of its own does not say what it computes"
      ),
      (["config", "layers"], 3, "layers: expected a list, found none"),
    ]
    for (way, value, sentence) in cases {
      let found = try refusal([(way, value)])
      // Keras numbers its names within a process.
      let plain = found.replacing(#/(layer [a-z_0-9]*?[a-z])(_\d+)?:/#) { "\($0.1):" }
      #expect(plain == "a.keras: config.json: \(sentence)")
    }
  }

  /// Classes and functions of a program's own compute anything, whatever they are called.
  @Test func whatIsNotKerassOwnIsRefused() throws {
    func plain(_ changes: [([String], JSONValue)]) throws -> String {
      try refusal(changes).replacing(#/(layer [a-z_0-9]*?[a-z])(_\d+)?:/#) { "\($0.1):" }
    }
    let layer = ["config", "layers", "1"]
    #expect(
      try plain([(layer + ["registered_name"], "Conv2D"), (layer + ["module"], .null)])
        == "a.keras: config.json: layer conv2d: expected a class of Keras's own, found \"Conv2D\" of a program's"
    )
    #expect(
      try plain([(layer + ["registered_name"], "Conv2D"), (layer + ["module"], "kerases.layers")])
        == "a.keras: config.json: layer conv2d: expected a class of Keras's own, found \"Conv2D\" of \"kerases.layers\""
    )
    let function: JSONValue = ["class_name": "function", "config": "relu", "module": "builtins"]
    #expect(
      try plain([(self.layer(1, "activation"), function)])
        == "a.keras: config.json: layer conv2d: activation: expected a function of Keras's own, found the function \"relu\" of a program's"
    )
    let softmax: JSONValue = ["class_name": "Softmax", "config": ["axis": 1]]
    #expect(
      try plain([(self.layer(1, "activation"), softmax)])
        == "a.keras: config.json: layer conv2d: activation: axis: expected -1, found [1]")
  }

  @Test func hugeNumbersAreRefusedBeforeMemoryIsAllocated() throws {
    for key in ["filters", "kernel_size", "strides", "dilation_rate", "groups"] {
      for value in [0, -1, 1 << 31, Int.max, .min] {
        let found = try refusal([(layer(1, key), .integer(value))])
        #expect(found.hasPrefix("a.keras: config.json: layer 1 ("), "\(key) \(value): \(found)")
      }
    }
    let found = try refusal([(layer(6, "units"), 1_000_000)])
    #expect(found.contains("more than") && found.contains("parameters"))
  }

  @Test func endlessModelsAreRefused() throws {
    let relu: JSONValue = ["class_name": "ReLU", "config": ["name": "r"]]
    let found = try refusal([
      (
        ["config", "layers"],
        .list(
          [["class_name": "InputLayer", "config": ["batch_shape": [nil, 2]]]]
            + [JSONValue](repeating: relu, count: 5000))
      )
    ])
    #expect(found == "a.keras: config.json: layer r: expected at most 4096 layers, found more")
    var nested = relu
    for _ in 0..<40 {
      nested = ["class_name": "Sequential", "config": ["name": "s", "layers": [nested]]]
    }
    #expect(
      try refusal([(["config", "layers"], [nested])])
        == "a.keras: config.json: expected JSON of at most 64 levels, found more")
  }

  @Test func archivesThatAreNoModelsAreRefused() throws {
    var members = try KerasFixtures.members("chain-3.keras")
    let config = members["config.json"]
    members["config.json"] = nil
    #expect(
      try refusal(ofArchive: members)
        == "a.keras: config.json: expected a file in the archive, found none")
    members["config.json"] = [UInt8](repeating: 32, count: JSONValue.mostBytes + 1)
    #expect(
      try refusal(ofArchive: members)
        == "a.keras: config.json: expected at most \(JSONValue.mostBytes) bytes, found \(JSONValue.mostBytes + 1)"
    )
    members["config.json"] = Array("{\"class_name\": \"Sequential\"".utf8)
    #expect(
      try refusal(ofArchive: members)
        == "a.keras: config.json: expected a JSON text, found something else")
    members["config.json"] = [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)
    #expect(
      try refusal(ofArchive: members)
        == "a.keras: config.json: expected JSON of at most 64 levels, found more")
    members["config.json"] = config
    members["model.weights.h5"] = members["model.weights.h5"]?.dropLast(4000)
    #expect(
      try refusal(ofArchive: members).hasPrefix(
        "a.keras: model.weights.h5: expected an HDF5 file, found truncated file"))
    members["model.weights.h5"] = nil
    #expect(
      try refusal(ofArchive: members)
        == "a.keras: model.weights.h5: expected a file in the archive, found none")
  }

  /// The error of a file of ours whose weights are changed.
  private func refusal(
    weights change: (inout HDF5Arrays) throws -> Void
  ) throws -> String {
    let network = try Network(
      ModelSpec("m", input: [4, 4, 1]) {
        Conv2D(filters: 2, kernel: 3); Flatten(); Dense(units: 2)
      }, seed: 1)
    let file = try KerasFormat().files(
      of: try ExportedModel(
        TrainedModel(network: network), image: [UInt8](repeating: 1, count: 16)), at: "a.keras")[0]
    let archive = try ZipArchive(file.bytes, path: "a.keras")
    var members: [String: [UInt8]] = [:]
    for (number, member) in archive.members.enumerated() {
      members[member.name] = try archive.content(ofMember: number)
    }
    var arrays = try HDF5Arrays(image: members["model.weights.h5"] ?? [])
    try change(&arrays)
    members["model.weights.h5"] = try arrays.image()
    return try refusal(ofArchive: members)
  }

  @Test func weightsThatAreNotThoseOfTheModelAreNamed() throws {
    let start = "a.keras: model.weights.h5: /layers"
    #expect(
      try refusal { $0.entries.removeAll { $0.path.hasPrefix("/layers/dense") } }
        == "\(start)/dense/vars: expected 2 variables of layer dense, found nothing")
    #expect(
      try refusal { $0.entries.removeAll { $0.path == "/layers/conv2d/vars/1" } }
        == "\(start)/conv2d/vars: expected 2 variables of layer conv2d, found 1")
    #expect(
      try refusal { arrays in
        let number = try #require(arrays.index(of: "/layers/conv2d/vars/1"))
        arrays.entries[number] = HDF5Arrays.Entry(
          path: "/layers/conv2d/vars/1", shape: [3], values: .float([1, 2, 3]))
      }
        == "\(start)/conv2d/vars/1: expected a float array of shape [2], found a 32-bit float array of shape [3]"
    )
  }
}
