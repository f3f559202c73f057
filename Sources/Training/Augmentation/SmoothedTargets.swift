import NeuralNetwork

/// The samples of another source with smoothed targets, as the loss of a step sees them.
package struct SmoothedTargets: SampleSource {
  private let base: any SampleSource
  private let smoothing: TargetSmoothing

  /// The samples of a source, with their targets as a run's loss is to see them.
  static func of(_ base: any SampleSource, _ smoothing: TargetSmoothing?) -> any SampleSource {
    smoothing.map { SmoothedTargets(base, $0) } ?? base
  }

  /// Throws where targets of a kind cannot be smoothed as the settings ask.
  static func check(_ targets: TargetKind, _ settings: TrainingSettings) throws(SettingError) {
    guard settings.labelSmoothing > 0, targets != .classes,
      settings.loss.predicts == .values
    else { return }
    throw SettingError(
      "label_smoothing", expected: "0, as the samples have no classes",
      found: settings.labelSmoothing.text)
  }

  private init(_ base: any SampleSource, _ smoothing: TargetSmoothing) {
    (self.base, self.smoothing) = (base, smoothing)
  }

  package var count: Int { base.count }
  package var sampleShape: Shape { base.sampleShape }
  package var targets: TargetKind { base.targets }
  package var sha256: String? { base.sha256 }
  package var scratchCount: Int { base.scratchCount }

  package func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
  ) {
    base.copySamples(numbers, to: samples)
  }

  package func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    base.copySamples(numbers, to: samples, scratch: scratch)
  }

  package func copyLabels(
    _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>
  ) {
    base.copyLabels(numbers, to: labels)
  }

  package func copyTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>
  ) {
    base.copyTargets(numbers, outputs: outputs, to: targets)
    smoothing.apply(to: targets, samples: numbers.count, outputs: outputs)
  }

  package func copyTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    base.copyTargets(numbers, outputs: outputs, to: targets, scratch: scratch)
    smoothing.apply(to: targets, samples: numbers.count, outputs: outputs)
  }
}
