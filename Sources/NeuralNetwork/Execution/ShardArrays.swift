/// An array for each shard of a batch, side by side in one tensor. Valid while the tensor lives.
struct ShardArrays {
  /// The number of floats of each.
  let length: Int
  private let base: UnsafeMutablePointer<Float>

  /// Allocates the tensor for them.
  static func makeTensor(shards: Int, length: Int) -> Tensor {
    Tensor(samples: shards, shape: [length.roundedUpToLine])
  }

  /// The arrays in such a tensor.
  init(_ tensor: inout Tensor) {
    length = tensor.shape.count
    base = tensor.mutablePointer()
  }

  subscript(shard: Int) -> UnsafeMutablePointer<Float> { base + shard * length }
}
