import CKernels
import NeuralNetwork

/// One view of each image of another source. Neither their order nor their targets change.
struct ViewedSamples: SampleSource {
  private let base: any SampleSource
  private let view: ImageView
  private let framedCount: Int

  /// The samples of a source in some views, each of which suits its shape (``Views/check(_:)``).
  static func all(_ base: any SampleSource, _ views: Views) -> [any SampleSource] {
    views.all.map { $0 == ImageView() ? base : ViewedSamples(base, $0) }
  }

  private init(_ base: any SampleSource, _ view: ImageView) {
    (self.base, self.view) = (base, view)
    let shape = base.sampleShape
    framedCount = PixelMap.framedCount(height: shape[0], width: shape[1], channels: shape[2])
  }

  var count: Int { base.count }
  var sampleShape: Shape { base.sampleShape }
  var targets: TargetKind { base.targets }
  var scratchCount: Int { framedCount + base.scratchCount }

  func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: scratchCount) {
      if let scratch = $0.baseAddress { copySamples(numbers, to: samples, scratch: scratch) }
    }
  }

  func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    base.copySamples(numbers, to: samples, scratch: scratch + framedCount)
    let shape = sampleShape
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let map = view.map(height: height, width: width)
    mc_fill(framedCount, 0, scratch)
    for i in numbers.indices {
      let image = samples + i * shape.count
      PixelMap.frame(image, height: height, width: width, channels: channels, into: scratch)
      map.apply(height: height, width: width, channels: channels, framed: scratch, to: image)
    }
  }

  func copyLabels(
    _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>
  ) {
    base.copyLabels(numbers, to: labels)
  }

  func copyTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>
  ) {
    base.copyTargets(numbers, outputs: outputs, to: targets)
  }
}
