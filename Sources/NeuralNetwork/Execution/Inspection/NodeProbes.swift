import Platform

/// Computes a network node by node, so that what passes between two of them can be read, or replaced.
package struct NodeProbes {
  /// The network.
  package let network: Network
  private var probes: [Probe]

  /// Allocates the memory for batches of at most `batch` samples.
  package init(_ network: Network, batch: Int) {
    self.network = network
    probes = network.nodes.indices.map { Probe(Network(node: $0, of: network), batch: batch) }
  }

  /// Every activation for the batch `x` `[N, inputShape]`, the input first.
  package mutating func activations(_ x: Tensor) -> [Tensor] {
    require(
      x.shape == network.inputShape, "the network takes \(network.inputShape), not \(x.shape)")
    var activations = [x]
    for number in probes.indices { activations.append(output(of: number, activations)) }
    return activations
  }

  /// Computes the nodes from number `first` on again. Overwrites their activations.
  package mutating func renew(_ activations: inout [Tensor], from first: Int) {
    for number in first..<probes.count {
      activations[number + 1] = output(of: number, activations)
    }
  }

  private mutating func output(of number: Int, _ activations: [Tensor]) -> Tensor {
    probes[number].forward(
      network.nodes[number].inputs.map { activations[$0] }, mode: .inference)
  }
}
