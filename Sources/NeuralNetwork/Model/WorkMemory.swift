extension Graph {
  /// The most floats that the loops of a model may work in: 256 Mi, a gigabyte.
  static let largestWorkMemory = 1 << 28

  /// Throws where the loops of a pass need more memory, for one sample on one thread, than a machine
  /// should be asked for. A small model can: a padding or a stride makes an image of its own that is
  /// larger than input and output.
  func checkWorkMemory() throws(ModelError) {
    for graph in [self, fused(for: .training)] {
      var total = 0
      for node in graph.nodes {
        total += node.workMemory
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
  ///
  /// What other layers than convolutions work in is as large as their input, output or variables,
  /// which have bounds of their own.
  fileprivate var workMemory: Int {
    (layer?.preparedCount ?? 0) + ((layer as? Conv2DLayer)?.scratchCount ?? 0)
  }
}

/// The memory of this many floats, for people: `17.2 GB`.
private func gigabytes(_ floats: Int) -> String {
  let tenths = (floats * MemoryLayout<Float>.stride + 50_000_000) / 100_000_000
  return "\(tenths / 10).\(tenths % 10) GB"
}
