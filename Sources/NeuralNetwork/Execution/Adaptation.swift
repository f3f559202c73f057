import Platform

extension Network {
  /// Has each ``AdaptiveLayer`` that has not learnt anything yet learn from the samples with these numbers,
  /// one layer after the other; each takes one pass over the samples, up to that layer.
  ///
  /// - Returns: whether there was such a layer.
  /// - Throws: a ``NumericFault`` that names the first sample with a number that is not finite, of which
  ///   nothing can be learnt.
  package mutating func adapt(
    to source: some SampleSource, _ numbers: [Int32], pool: ThreadPool
  ) throws(NumericFault) -> Bool {
    var hasAdapted = false
    for (number, node) in nodes.enumerated() {
      guard let layer = node.layer as? any AdaptiveLayer, !layer.isAdapted(weights(of: number)),
        !numbers.isEmpty
      else { continue }
      try adapt(layer, number, source, numbers, pool)
      hasAdapted = true
    }
    return hasAdapted
  }

  private func weights(of number: Int) -> Weights {
    let base = variables.pointer
    return Arrays(variables: base, prepared: base, shared: base).weights(graph, number)
  }

  private mutating func adapt(
    _ layer: some AdaptiveLayer, _ number: Int, _ source: some SampleSource, _ numbers: [Int32],
    _ pool: ThreadPool
  ) throws(NumericFault) {
    // Few enough summaries that they take less memory than the samples' own bytes.
    let chunk = 64
    let chunks = (numbers.count + chunk - 1) / chunk
    let input = nodes[number].input
    var summaries = Tensor(samples: chunks, shape: [layer.summaryCount])
    let base = summaries.mutablePointer()
    let predictor = Predictor(
      self, graph: graph.upTo(number), pool: pool, chunk: chunk, meeting: nil)
    let faulty = predictor.run(source, numbers, withTargets: false) { workspace, _, range in
      layer.summarize(
        workspace.activations[input], into: base + range.lowerBound / chunk * layer.summaryCount)
    }
    if let faulty { throw NumericFault(inputOf: nodes[0].name, sample: Int(numbers[faulty])) }
    let all = (0..<chunks).map { part in
      ShardSummary(
        samples: min(chunk, numbers.count - part * chunk),
        values: UnsafePointer(base + part * layer.summaryCount))
    }
    let target = variables.mutablePointer()
    let offsets = graph.offsets[number]
    all.withUnsafeBufferPointer { all in
      layer.adapt(to: all, variables: { target + offsets[$0] })
    }
    withExtendedLifetime(summaries) {}
  }
}

extension Graph {
  /// The steps before number `number`.
  fileprivate func upTo(_ number: Int) -> Graph {
    Graph(
      nodes: Array(nodes[..<number]), shapes: Array(shapes[...number]),
      offsets: Array(offsets[..<number]))
  }
}
