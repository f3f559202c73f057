import CKernels

/// Looks, chunk by chunk, at everything that a step computes, for what stopped being finite first.
///
/// That is what comes first on the way of the samples through the network and back, whichever sample it
/// is; of several samples the first in the batch. For plain graphs, on one thread.
final class FaultSearch {
  /// The places of the data; those of activations and gradients come after them.
  private enum Stage {
    static let input = -1, target = 0
  }

  private let graph: Graph
  /// What was found, and how far from the input, in activations, forwards and then backwards.
  private var found: (stage: Int, fault: NumericFault)?
  /// The first sample, in the batch, of what was found.
  private var position = 0
  /// The largest finite magnitude of each activation over all samples, and the sample that has it.
  private var largest: [(magnitude: Float, position: Int)]

  init(_ graph: Graph) {
    self.graph = graph
    largest = graph.shapes.map { _ in (0, 0) }
  }

  /// Looks at a chunk that has been through the network and back, whose first sample is this one of the
  /// batch.
  func look(at workspace: borrowing Workspace, first: Int) {
    let count = workspace.activations.count
    for activation in 0..<count {
      if let sample = note(workspace.activations[activation], activation, first: first) {
        record(
          stage: activation == 0 ? Stage.input : activation, first + sample,
          outputFault(activation, magnitude(of: sample, before: activation, workspace)))
        return
      }
      if activation == 0, let sample = workspace.faultyTarget {
        record(
          stage: Stage.target, first + sample,
          NumericFault(
            layer: graph.nodes[graph.nodes.count - 1].name, quantity: .target, largestInput: 0,
            sample: nil))
        return
      }
    }
    for activation in (1..<count).reversed() {
      if let sample = workspace.gradients[activation]?.firstFaultySample {
        record(
          stage: 2 * count - activation, first + sample,
          gradientFault(activation, sample, workspace))
        return
      }
    }
  }

  /// What was found in the chunks so far; `numbers` are those of the batch's samples in the data.
  func fault(_ numbers: UnsafeBufferPointer<Int32>) -> NumericFault? {
    guard let (stage, first) = found else { return nil }
    var fault = first
    fault.sample = Int(numbers[position])
    guard stage > 0, stage < graph.shapes.count, let node = graph.writer(of: stage),
      node.batchWide != nil
    else { return fault }
    // One sample is enough to spoil the statistics of all.
    let cause = largest[node.input]
    return NumericFault(
      layer: fault.layer, quantity: fault.quantity, largestInput: cause.magnitude,
      sample: Int(numbers[cause.position]))
  }

  /// The largest magnitude that a node read, over all samples.
  func largestInput(of node: Node) -> Float { largest[node.input].magnitude }

  /// The largest magnitude of an activation, over all samples.
  func largestValue(of activation: Int) -> Float { largest[activation].magnitude }

  /// Notes the magnitudes of a chunk; returns the first of its samples that is not finite.
  private func note(_ values: Tensor, _ activation: Int, first: Int) -> Int? {
    for sample in 0..<values.samples {
      let magnitude = values.largest(of: sample)
      guard magnitude.isFinite else { return sample }
      if magnitude > largest[activation].magnitude {
        largest[activation] = (magnitude, first + sample)
      }
    }
    return nil
  }

  private func record(stage: Int, _ position: Int, _ fault: NumericFault) {
    if let found, (found.stage, self.position) < (stage, position) { return }
    found = (stage, fault)
    self.position = position
  }

  private func outputFault(_ activation: Int, _ largestInput: Float) -> NumericFault {
    guard let node = graph.writer(of: activation) else {
      return NumericFault(inputOf: graph.nodes[0].name, sample: nil)
    }
    return NumericFault(
      layer: node.name, quantity: .output, largestInput: largestInput, sample: nil)
  }

  /// The first node that read the activation is the last to add to its gradient.
  private func gradientFault(
    _ activation: Int, _ sample: Int, _ workspace: borrowing Workspace
  ) -> NumericFault {
    if let reader = graph.nodes.first(where: { $0.reads(activation) }) {
      return NumericFault(
        layer: reader.name, quantity: .gradient,
        largestInput: magnitude(of: sample, before: reader.output, workspace), sample: nil)
    }
    return NumericFault(
      layer: graph.nodes[graph.nodes.count - 1].name, quantity: .loss,
      largestInput: workspace.activations[activation].largest(of: sample), sample: nil)
  }

  /// The largest magnitude of a sample among what the node read that wrote an activation.
  private func magnitude(
    of sample: Int, before activation: Int, _ workspace: borrowing Workspace
  ) -> Float {
    guard let node = graph.writer(of: activation) else { return 0 }
    var most: Float = 0
    for input in 0..<activation where node.reads(input) {
      most = max(most, workspace.activations[input].largest(of: sample))
    }
    return most
  }
}

extension Graph {
  /// The node that writes an activation; `nil` for the input.
  fileprivate func writer(of activation: Int) -> Node? {
    nodes.first { $0.output == activation }
  }
}

extension GradientStep {
  /// Finds where the numbers of the last step stopped being finite.
  ///
  /// The step is repeated layer by layer on one thread, as what a thread computed for one chunk of
  /// samples is overwritten by the next.
  package func findFault(
    _ network: Network, _ source: any SampleSource, _ numbers: UnsafeBufferPointer<Int32>,
    seed: UInt64, epoch: Int
  ) -> NumericFault? {
    let search = FaultSearch(network.graph)
    let single = GradientStep(
      network, graph: network.graph, loss: loss, classWeights: classWeights,
      batch: numbers.count, shards: plan.rule, pool: ThreadPool(threads: 1), keepsAll: true)
    single.search = search
    do throws(RanksError) {
      _ = try single.run(network, source, numbers, seed: seed, epoch: epoch)
    } catch {
      // There is nobody else to fail.
      return nil
    }
    let fault = search.fault(numbers)
    if let fault, fault.isOfData { return fault }
    // Weights were read before anything was computed.
    return weightFault(network) ?? fault ?? lateFault(network, search)
  }

  private func weightFault(_ network: Network) -> NumericFault? {
    // They break as their gradients do, from the last layer on.
    for entry in network.layout.entries.reversed() {
      let values = network.variables.pointer + entry.offset
      if !mc_largest_magnitude(entry.range.count, values).isFinite {
        return NumericFault(
          layer: network.nodes[entry.node].name, quantity: .weights, largestInput: 0, sample: nil)
      }
    }
    return nil
  }

  /// A fault that no single sample shows: a sum over samples that is too large, of gradients of a
  /// variable or of losses. Gradients arrive from the last layer, so the last broken one broke first.
  private func lateFault(_ network: Network, _ search: FaultSearch) -> NumericFault? {
    for entry in network.layout.entries.reversed() where entry.isTrained {
      let values = gradient.pointer + entry.offset
      if !mc_largest_magnitude(entry.range.count, values).isFinite {
        let node = network.nodes[entry.node]
        return NumericFault(
          layer: node.name, quantity: .gradient, largestInput: search.largestInput(of: node),
          sample: nil)
      }
    }
    return network.nodes.last.map {
      NumericFault(
        layer: $0.name, quantity: .loss, largestInput: search.largestValue(of: $0.output),
        sample: nil)
    }
  }
}

extension Tensor {
  /// The largest magnitude of a sample; NaN counts as more than infinity.
  func largest(of sample: Int) -> Float {
    mc_largest_magnitude(shape.count, pointer + sample * shape.count)
  }

  /// The first sample with a number that is not finite.
  var firstFaultySample: Int? {
    guard !mc_largest_magnitude(count, pointer).isFinite else { return nil }
    return (0..<samples).first { !largest(of: $0).isFinite }
  }
}
