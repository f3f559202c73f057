import Platform

/// The variables of one layer, as views of the network's flat arrays. Valid during one call.
///
/// A network keeps all of its variables in one array: the optimizer, the digest, the sum of the
/// gradients over shards and the checkpoint are then one loop each. A layer sees its own part.
public struct Weights {
  let base: UnsafePointer<Float>
  let offsets: [Int]
  /// What the layer's ``Layer/prepare(_:piece:into:)`` left, shared by all threads.
  public let prepared: UnsafePointer<Float>
  /// What the whole batch has in common, for a layer that meets (`BatchWideLayer`).
  public let shared: UnsafePointer<Float>

  /// The elements of the layer's variable number `index`, in the order of ``Layer/variables``.
  public subscript(index: Int) -> UnsafePointer<Float> {
    require(offsets.indices.contains(index), "variable \(index) of a layer of \(offsets.count)")
    return base + offsets[index]
  }
}

/// Where one layer adds the gradients of its trained variables. Valid during one call.
public struct Gradients {
  let base: UnsafeMutablePointer<Float>
  let offsets: [Int]

  /// The gradient of the layer's variable number `index`, which is added to.
  public subscript(index: Int) -> UnsafeMutablePointer<Float> {
    require(offsets.indices.contains(index), "variable \(index) of a layer of \(offsets.count)")
    return base + offsets[index]
  }
}
