import Checkpoints
import Foundation
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// Files that Keras 3 saved, with what Keras predicts from them.
@Suite struct KerasFileTests {
  struct Expected: Decodable {
    struct Variable: Decodable {
      let shape: [Int]
      let data: [Float]
    }
    let variables: [Variable]
    let batch: Int
    let x: [Float]
    let predictions: [Float]
  }

  private func fixture(_ name: String) -> String {
    Repository.path("Tests/CheckpointsTests/Fixtures/\(name)")
  }

  private func model(_ name: String) throws -> ModelSpec {
    let data = try Data(contentsOf: URL(fileURLWithPath: fixture("\(name).json")))
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let stated = ["name": "keras", "input": root["input"] ?? [], "layers": root["layers"] ?? []]
    let text = String(decoding: try JSONSerialization.data(withJSONObject: stated), as: UTF8.self)
    return try ModelFile(text: text, file: name).spec
  }

  @Test(arguments: [
    "keras-sequential", "keras-functional", "keras-saved", "keras-untrained", "keras-kinds",
    "keras-branches",
  ])
  func weightsOfKerasGiveThePredictionsOfKeras(name: String) throws {
    var network = try Network(try model(name), seed: 1)
    try network.loadWeights(from: fixture("\(name).weights.h5"))
    let data = try Data(contentsOf: URL(fileURLWithPath: fixture("\(name).json")))
    let expected = try JSONDecoder().decode(Expected.self, from: data)
    for (entry, variable) in zip(network.layout.entries, expected.variables) {
      #expect(entry.variable.shape.array == variable.shape)
      // The fixture's decimals have 8 or 9 digits.
      #expect(
        zip(network.values(of: entry), variable.data).allSatisfy {
          abs($0 - $1) <= 1e-7 * max(1, abs($1))
        })
    }
    let x = Tensor(samples: expected.batch, shape: network.inputShape, values: expected.x)
    var probe = Probe(network, batch: expected.batch)
    let found = probe.forward(x).values
    #expect(found.count == expected.predictions.count)
    for (a, b) in zip(found, expected.predictions) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func weightsOfAnotherModelAreRefused() throws {
    var network = try Network(
      ModelSpec("other", input: [8, 7, 1]) {
        Conv2D(filters: 4, kernel: 3, padding: .same)
        Flatten()
        Dense(units: 5)
      }, seed: 1)
    let before = network.variables
    let path = fixture("keras-sequential.weights.h5")
    let error = #expect(throws: (any Error).self) { try network.loadWeights(from: path) }
    #expect(
      error.map { "\($0)" }
        == "\(path): /layers/dense/vars/0: expected a float array of shape [224, 5], found a 32-bit float array of shape [6, 5]"
    )
    #expect(network.variables == before)
  }

  @Test func weightsAloneAreNoFullState() throws {
    let path = fixture("keras-sequential.weights.h5")
    let error = #expect(throws: (any Error).self) { _ = try Checkpoint(contentsOf: path) }
    #expect(
      error.map { "\($0)" }
        == "\(path): /minicnn: expected a full training state, found weights only; use them with --init and the --model they belong to"
    )
  }
}
