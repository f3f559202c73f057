/// Surveys the units of layers that saturate (``Layer/saturation``), such as ReLUs and sigmoids, over many
/// samples.
///
/// A unit is an output of a layer of shape `[N]`, or a channel, over all its positions, of one of
/// shape `[H, W, C]`.
package final class ActivationSurvey {
  /// What was found in one layer.
  package struct Finding: Sendable, Equatable {
    /// The layer's name.
    package let layer: String
    /// Its kind, such as `relu` or `sigmoid`.
    package let kind: String
    /// The number of its units.
    package let units: Int
    /// The number of a rectifier's units that were 0 for every sample: no gradient gets through them.
    package let deadUnits: Int
    /// The share of the outputs of a sigmoid or the like that are within 0.01 of the ends of its range,
    /// where hardly any gradient gets through.
    package let saturatedShare: Double
  }

  private let predictor: Predictor

  /// Allocates the memory for a network.
  package init(_ network: Network, pool: ThreadPool) {
    predictor = Predictor(network, graph: network.graph, pool: pool, meeting: nil)
  }

  /// Runs the network, in inference mode, over the samples with these numbers.
  ///
  /// - Returns: a finding for each layer that saturates but the network's output, in its order.
  package func run(
    _ network: Network, _ source: some SampleSource, _ numbers: [Int32]
  ) -> [Finding] {
    predictor.update(network)
    let watched = network.nodes.dropLast().filter { $0.layer?.saturation != nil }
    var tallies = (0..<predictor.threads).map { _ in watched.map { Tally($0) } }
    tallies.withUnsafeMutableBufferPointer { tallies in
      _ = predictor.run(source, numbers, withTargets: false) { workspace, worker, _ in
        for i in watched.indices {
          tallies[worker][i].add(workspace.activations[watched[i].output])
        }
      }
    }
    return watched.indices.map { i in
      var sum = tallies[0][i]
      for other in tallies.dropFirst() { sum.add(other[i]) }
      return sum.finding
    }
  }
}

/// What is known of one layer so far.
private struct Tally: Sendable {
  let node: Node
  /// The largest output of each unit.
  var largest: [Float]
  var saturated = 0
  var outputs = 0

  init(_ node: Node) {
    self.node = node
    largest = [Float](repeating: -.infinity, count: node.outputShape.array.last ?? 1)
  }

  mutating func add(_ y: Tensor) {
    outputs += y.count
    let units = largest.count
    let values = UnsafeBufferPointer(start: y.pointer, count: y.count)
    largest.withUnsafeMutableBufferPointer { largest in
      for start in stride(from: 0, to: values.count, by: units) {
        for unit in 0..<units { largest[unit] = max(largest[unit], values[start + unit]) }
      }
    }
    guard case .ends(let range) = node.layer?.saturation else { return }
    let (low, high) = (range.lowerBound + 0.01, range.upperBound - 0.01)
    for value in values where value < low || value > high { saturated += 1 }
  }

  mutating func add(_ other: Tally) {
    for unit in largest.indices { largest[unit] = max(largest[unit], other.largest[unit]) }
    saturated += other.saturated
    outputs += other.outputs
  }

  var finding: ActivationSurvey.Finding {
    ActivationSurvey.Finding(
      layer: node.name, kind: node.kind, units: largest.count,
      deadUnits: node.layer?.saturation == .rectified ? largest.count { $0 <= 0 } : 0,
      saturatedShare: outputs == 0 ? 0 : Double(saturated) / Double(outputs))
  }
}
