import ImageData
import NeuralNetwork

/// Samples of a type of its user's own, which only the first rank knows, with the digest that they have there.
struct ReceivedSamples: SampleSource {
  private let base: ArraySamples
  let sha256: String?

  init(_ base: ArraySamples, sha256: String) { (self.base, self.sha256) = (base, sha256) }

  var count: Int { base.count }
  var sampleShape: Shape { base.sampleShape }
  var targets: TargetKind { base.targets }

  func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
  ) {
    base.copySamples(numbers, to: samples)
  }

  func copyLabels(_ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>) {
    base.copyLabels(numbers, to: labels)
  }

  func copyTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>
  ) {
    base.copyTargets(numbers, outputs: outputs, to: targets)
  }
}
