/// Whether a forward pass trains or predicts.
public enum Mode: Sendable {
  /// Nothing is random; batch normalization uses the running statistics.
  case inference
  /// Dropout drops, batch normalization uses the batch's own statistics.
  case training(Draw)

  /// What determines the random choices of one shard.
  public struct Draw: Sendable {
    /// The seed of the run.
    public var seed: UInt64
    /// The epoch, counted from 0.
    public var epoch: Int
    /// The number of each sample in its data set.
    public var samples: [Int32]

    /// Creates a key; see the properties.
    public init(seed: UInt64, epoch: Int, samples: [Int32]) {
      self.seed = seed
      self.epoch = epoch
      self.samples = samples
    }

    /// The key of what the layer of a node (``StochasticLayer/node``) draws for sample `n` of the batch that
    /// it is given, counted from 0: a seed for ``CounterRandom``.
    ///
    /// It follows from the seed, the epoch, the number of the sample in its data set and the node alone, so
    /// the draw is the same on any number of threads, in a resumed run, and in the backward pass.
    public func key(ofSample n: Int, node: Int) -> UInt64 {
      CounterRandom.key(seed: seed, .layer, epoch, Int(samples[n]), node)
    }
  }
}
