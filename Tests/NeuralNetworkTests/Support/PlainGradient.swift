import Foundation
import NeuralNetwork
import TestSupport

/// The gradient of a batch's mean cross-entropy as the plain layers give it, one after the other and
/// all samples at once.
struct PlainGradient {
  /// Of each trained variable, in the order of the layout's entries.
  let variables: [[Float]]

  init(_ network: Network, _ source: ListedSamples) {
    let batch = source.count, classes = network.outputShape.count
    var probe = Probe(network, batch: batch)
    let x = Tensor(samples: batch, shape: source.shape, values: source.values)
    let mode = Mode.training(Mode.Draw(seed: 1, epoch: 0, samples: (0..<Int32(batch)).map { $0 }))
    let logits = probe.forward(x, mode: mode).values
    // Softmax less the label's one, over the batch.
    var dy: [Float] = []
    for n in 0..<batch {
      let powers = (0..<classes).map { exp(Double(logits[n * classes + $0])) }
      let sum = powers.reduce(0, +)
      for c in 0..<classes {
        let target = Int(source.labels[n]) == c ? 1.0 : 0
        dy.append(Float((powers[c] / sum - target) / Double(batch)))
      }
    }
    variables =
      probe.backward(Tensor(samples: batch, shape: [classes], values: dy)).variables
  }
}
