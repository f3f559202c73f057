import NeuralNetwork
import TestSupport
import Testing

/// Every layer's outputs and gradients against the reference framework's.
@Suite struct GoldenLayerTests {
  struct Case: Decodable {
    let name: String
    let batch: Int
    let training: Bool
    let x: [Float]
    let variables: [Golden.Array]
    let y: [Float]
    let dy: [Float]
    let dx: [Float]
    let gradients: [Golden.Array]
    let updated_variables: [Golden.Array]?
  }

  /// Sums of at most a few hundred products of numbers about 1 in single precision.
  static let tolerance: Float = 2e-5

  // A kind without a fixture fails here.
  @Test(arguments: LayerRegistry.builtIn.map { $0.kind })
  func layersAgreeWithKeras(kind: String) throws {
    let cases = try Golden.cases("layers/\(kind)", as: Case.self)
    #expect(!cases.isEmpty)
    for (one, spec) in zip(cases, try LayerCases.of(kind).map(\.spec)) {
      var network = try Network(spec, seed: 1)
      network.setAll(one.variables)
      var probe = Probe(network, batch: one.batch)
      let mode =
        one.training
        ? Mode.training(Mode.Draw(seed: 1, epoch: 0, samples: (0..<Int32(one.batch)).map { $0 }))
        : .inference
      let x = Tensor(samples: one.batch, shape: spec.input, values: one.x)
      let y = probe.forward(x, mode: mode)
      #expect(Golden.distance(y.values, one.y) < Self.tolerance, "\(one.name): y")
      let dy = Tensor(samples: one.batch, shape: y.shape, values: one.dy)
      let found = probe.backward(dy)
      #expect(Golden.distance(found.input.values, one.dx) < Self.tolerance, "\(one.name): dx")
      #expect(found.variables.count == one.gradients.count, "\(one.name)")
      for (gradient, expected) in zip(found.variables, one.gradients) {
        #expect(
          Golden.distance(gradient, expected.data) < Self.tolerance,
          "\(one.name): gradient of shape \(expected.shape)")
      }
      guard let updated = one.updated_variables else { continue }
      let after = probe.updatedStatistics()
      for (entry, expected) in zip(after.layout.entries, updated)
      where entry.variable.role == .statistic {
        #expect(
          Golden.distance(after.values(of: entry), expected.data) < Self.tolerance,
          "\(one.name): \(entry.variable.name)")
      }
    }
  }
}
