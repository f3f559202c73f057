import CKernels
import Platform

/// How the outputs of a network become what its loss takes and what a reader is shown.
///
/// A last layer that is a softmax or a sigmoid has applied that function already; otherwise the loss
/// says which one belongs to it.
package struct Head: Sendable {
  private let layer: OutputKind
  private let loss: any Loss

  /// The head of a network that was trained, or is judged, by a loss.
  package init(_ network: Network, _ loss: any Loss) {
    (layer, self.loss) = (network.outputKind, loss)
  }

  /// The head of outputs that stand for something already.
  init(of layer: OutputKind, _ loss: any Loss) { (self.layer, self.loss) = (layer, loss) }

  /// What ``makePredictions(_:samples:width:)`` leaves stands for this.
  package var predicts: OutputKind { layer == .values ? loss.predicts : layer }

  /// Turns outputs, in place, into what they stand for.
  package func makePredictions(
    _ outputs: UnsafeMutablePointer<Float>, samples: Int, width: Int
  ) {
    guard layer == .values else { return }
    switch loss.predicts {
    case .values: break
    case .probabilities: mc_softmax_forward(samples, width, outputs, outputs)
    case .independentProbabilities: mc_sigmoid_forward(samples * width, outputs, outputs)
    }
  }

  /// What the outputs of one sample stand for.
  package func predictions(_ outputs: [Float]) -> [Float] {
    var values = outputs
    values.withUnsafeMutableBufferPointer {
      if let start = $0.baseAddress { makePredictions(start, samples: 1, width: $0.count) }
    }
    return values
  }

  /// The sum of the samples' losses.
  func loss(of batch: OutputBatch) -> Double {
    guard layer != .values, layer == loss.predicts else {
      return loss.evaluate(batch, scale: 1, gradient: nil)
    }
    // The last layer has applied the function that the loss includes. Probabilities become logits
    // again, bounded by 10⁻⁷ and 1 − 10⁻⁷ as Keras bounds them.
    let count = batch.samples * batch.width
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, count)) { logits in
      for i in 0..<count {
        let p = min(max(Double(batch.outputs[i]), 1e-7), 1 - 1e-7)
        logits[i] = Float(layer == .probabilities ? mc_log(p) : mc_log(p / (1 - p)))
      }
      guard let start = logits.baseAddress else { return 0 }
      return loss.evaluate(
        OutputBatch(
          samples: batch.samples, width: batch.width, outputs: start, targets: batch.targets),
        scale: 1, gradient: nil)
    }
  }
}

extension Network {
  /// What the outputs stand for.
  public var outputKind: OutputKind { head?.layer?.outputKind ?? .values }

  /// The last node that computes something: those after it change nothing, or only the shape.
  var head: Node? {
    var activation = graph.output
    while let node = nodes.first(where: { $0.output == activation }) {
      guard node.layer?.isIdentity(training: false) == true else { return node }
      activation = node.input
    }
    return nil
  }
}
