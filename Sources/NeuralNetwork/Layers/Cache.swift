/// What a layer's `forward` leaves for the `backward` that follows, and its scratch memory.
///
/// One thread uses a cache at a time. A layer asks for what it needs in ``Layer/makeCache(batch:)``,
/// once, before the first step.
public struct Cache: Sendable {
  /// The position of the maximum within each pooling window of at most 256 positions.
  public var bytes: [UInt8] = []
  /// The same for larger windows and for pooling over a whole image.
  public var indices: [Int32] = []
  /// Room for a kernel's intermediate results; holds nothing between calls.
  public var scratch = Tensor(samples: 0, shape: [])

  /// A cache that holds nothing.
  public init() {}
}
