/// Samples with labels that can be fetched by number, from any thread.
public protocol SampleSource: Sendable {
  /// The number of samples.
  var count: Int { get }
  /// The shape of one sample.
  var sampleShape: Shape { get }

  /// Writes the samples with these numbers, each of ``sampleShape``, one after the other.
  /// Overwrites `samples`.
  func copySamples(_ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>)
  /// Writes their labels. Overwrites `labels`.
  func copyLabels(_ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<UInt8>)

  /// A digest of all samples and labels in hexadecimal, by which a run recognizes its data; `nil`
  /// where there is none. May take as long as reading every sample.
  var sha256: String? { get }
  /// The number of floats of working memory that ``copySamples(_:to:scratch:)`` takes; never
  /// changes.
  var scratchCount: Int { get }
  /// Writes the same as ``copySamples(_:to:)``, with working memory of the caller: each thread that
  /// fetches brings its own, allocated once, so that a training step allocates none.
  ///
  /// - Parameter scratch: ``scratchCount`` floats, of any content. Overwritten.
  func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>)

  /// Whether each sample is a mixture of two, and its target one of two labels.
  var mixes: Bool { get }
  /// Writes the second label of each sample, and the first one's share of the target. Overwrites
  /// both; called only where ``mixes``.
  func copyMixtures(
    _ numbers: UnsafeBufferPointer<Int32>, labels: UnsafeMutablePointer<UInt8>,
    shares: UnsafeMutablePointer<Float>)
}

extension SampleSource {
  /// No digest by default.
  public var sha256: String? { nil }
  /// No working memory by default.
  public var scratchCount: Int { 0 }
  /// Needs no working memory by default.
  public func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    copySamples(numbers, to: samples)
  }

  /// No sample is a mixture by default.
  public var mixes: Bool { false }
  /// Each sample has its own label alone.
  public func copyMixtures(
    _ numbers: UnsafeBufferPointer<Int32>, labels: UnsafeMutablePointer<UInt8>,
    shares: UnsafeMutablePointer<Float>
  ) {
    copyLabels(numbers, to: labels)
    shares.update(repeating: 1, count: numbers.count)
  }
}
