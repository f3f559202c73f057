/// One sample in memory.
package struct SingleSample: SampleSource {
  private let shape: Shape
  private let values: [Float]

  /// A sample of a shape, given as its values.
  package init(shape: Shape, values: [Float]) { (self.shape, self.values) = (shape, values) }

  package var count: Int { 1 }
  package var sampleShape: Shape { shape }
  package var targets: TargetKind { .none }

  package func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
  ) {
    for (i, value) in values.enumerated() { samples[i] = value }
  }
}
