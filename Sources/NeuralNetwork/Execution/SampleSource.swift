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
}
