import Files
import NeuralNetwork
import TestSupport
import Testing

@testable import Interchange

/// Configurations of Keras in which one value after the other is replaced by what nobody expects there.
@Suite struct HostileKerasTests {
  private static let values: [JSONValue] = [
    nil, true, 0, -1, .integer(.max), .integer(.min), 32_768, .number(1e308), .number(0.5), "", "x",
    [], [1, 2, 3], [:], ["class_name": "ReLU"],
  ]

  /// What an export states of each kind of layer, and a model inside another one as Keras 2 states it.
  private func configurations() throws -> [JSONValue] {
    let ours = try LayerCases.firstOfEach().map { one in
      try KerasExportGraph(Network(one.classifier(classes: 2), seed: 1)).config(named: one.kind)
    }
    let text = """
      {"class_name": "Model", "config": {"name": "m", "layers": [
      {"class_name": "InputLayer", "name": "i", "inbound_nodes": [], "config": {"batch_input_shape": [null, 4, 4, 1]}},
      {"class_name": "Conv2D", "name": "c", "inbound_nodes": [[["i", 0, 0, {}]]],
       "config": {"filters": 2, "kernel_size": [3, 3], "padding": "same", "activation": "relu"}},
      {"class_name": "LeakyReLU", "name": "l", "inbound_nodes": [[["c", 0, 0, {}]]], "config": {"alpha": 0.25}},
      {"class_name": "Add", "name": "a", "inbound_nodes": [[["c", 0, 0, {}], ["l", 0, 0, {}]]], "config": {}},
      {"class_name": "Sequential", "name": "s", "inbound_nodes": [[["a", 0, 0, {}]]], "config": {"name": "s",
       "layers": [{"class_name": "Flatten", "config": {"name": "f"}},
       {"class_name": "Normalization", "config": {"name": "n", "axis": [-1], "mean": [[1]], "variance": 1}},
       {"class_name": "Dense", "config": {"name": "d", "units": 2}}]}}],
      "input_layers": [["i", 0, 0]], "output_layers": [["s", 1, 0]]}}
      """
    return ours + [try JSONValue(Array(text.utf8), file: "a", place: "b")]
  }

  @Test func valuesAreReadOrRefusedInALine() throws {
    var (read, refused) = (0, 0)
    for (kind, configuration) in try configurations().enumerated() {
      #expect(throws: Never.self) { try network(configuration) }
      // One value at every fifth place: make fuzz tries others at others.
      for (number, way) in configuration.ways.enumerated() where (number + kind) % 5 == 0 {
        var changed = configuration
        changed[way] = Self.values[(number + kind) / 5 % Self.values.count]
        do {
          _ = try network(changed)
          read += 1
        } catch {
          let line = error.description
          #expect(line.hasPrefix("a.keras: config.json: ") && !line.contains { $0.isNewline })
          refused += 1
        }
      }
    }
    #expect(read > 100 && refused > 100, "\(read) read, \(refused) refused")
  }

  private func network(_ configuration: JSONValue) throws(FileError) -> Network {
    let bytes: [UInt8]
    do {
      bytes = try configuration.bytes
    } catch {
      fatalError("\(error)")
    }
    return try KerasModel.network(configuration: bytes, file: "a.keras", limit: 1 << 14)
  }
}

extension JSONValue {
  /// The ways to all values inside.
  fileprivate var ways: [[String]] {
    let parts: [(String, JSONValue)] =
      switch self {
      case .object(let members): members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      case .list(let values): values.enumerated().map { ("\($0.offset)", $0.element) }
      default: []
      }
    return parts.flatMap { key, value in [[key]] + value.ways.map { [key] + $0 } }
  }
}
