extension Graph {
  /// The most floats that the loops of a model may work in, and that all its activations may have for one
  /// sample: 256 Mi, a gigabyte.
  static let largestWorkMemory = 1 << 28

  /// Throws where the loops of a pass need more memory, for one sample on one thread, than a machine
  /// should be asked for. A small model can: a padding or a stride makes an image of its own that is
  /// larger than input and output.
  func checkWorkMemory() throws(ModelError) {
    var activations = shapes[0].count
    for node in nodes {
      activations += node.outputShape.count
      guard activations <= Self.largestWorkMemory else {
        throw ModelError(
          "the activations up to layer \(node.name) take \(gigabytes(activations)) for one sample:"
            + " at most \(gigabytes(Self.largestWorkMemory))")
      }
    }
    for graph in [self, fused(for: .training)] {
      var total = 0
      for node in graph.nodes {
        total += min(node.workMemory, Int.max - total)
        guard total <= Self.largestWorkMemory else {
          throw ModelError(
            "the loops up to layer \(node.name) need \(gigabytes(total)) of work memory:"
              + " at most \(gigabytes(Self.largestWorkMemory))")
        }
      }
    }
  }
}

extension Node {
  /// The floats that its loops work in, and those of its variables in the layout of the loops.
  fileprivate var workMemory: Int {
    guard let layer else { return 0 }
    return layer.cached.reduce(layer.preparedCount) { sum, array in
      sum + min(array.bytes(batch: 1) / MemoryLayout<Float>.stride, Int.max - sum)
    }
  }
}

/// The memory of this many floats, for people: `17.2 GB`.
private func gigabytes(_ floats: Int) -> String {
  let bytes = Double(floats) * Double(MemoryLayout<Float>.stride)
  let tenths = Int((bytes / 100_000_000).rounded())
  return "\(tenths / 10).\(tenths % 10) GB"
}
