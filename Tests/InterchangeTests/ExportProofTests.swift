import NeuralNetwork
import Testing

@testable import Interchange

@Suite struct ExportProofTests {
  @Test func aProofHoldsWhatTheNetworkGives() throws {
    let spec = ModelSpec("two", input: [1, 2, 1]) {
      Flatten(); Dense(units: 2)
    }
    var network = try Network(spec, seed: 1)
    for entry in network.layout.entries {
      network.setValues(entry.variable.name == "kernel" ? [1, 2, 3, 4] : [0.5, -0.5], of: entry)
    }
    let proof = try ExportProof(network, image: [255, 0])
    #expect(proof.scores == [1.5, 1.5])
    #expect(proof.weightsSHA256 == network.weightsSHA256)
  }
}
