import NeuralNetwork

/// The samples of another source with smoothed targets (Szegedy et al. 2015, "Rethinking the
/// Inception architecture for computer vision").
///
/// A share of each target is taken away and spread: over all classes where one of them is right, or,
/// where each output is a matter of its own, evenly over its being right and wrong.
package struct SmoothedTargets: SampleSource {
  private let base: any SampleSource
  private let smoothing: Float
  private let isOfClasses: Bool

  /// The samples of a source, with their targets as a run's loss is to see them.
  static func of(
    _ base: any SampleSource, smoothing: Float, loss: any Loss
  ) -> any SampleSource {
    guard smoothing > 0 else { return base }
    return SmoothedTargets(
      base, smoothing: smoothing, isOfClasses: loss.predicts != .independentProbabilities)
  }

  /// The same with what the settings say.
  static func of(_ base: any SampleSource, _ settings: TrainingSettings) -> any SampleSource {
    of(base, smoothing: settings.labelSmoothing, loss: settings.loss)
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

  /// Takes this share of each target away: `smoothing` is from 0 to 1.
  package init(_ base: any SampleSource, smoothing: Float, isOfClasses: Bool = true) {
    (self.base, self.smoothing, self.isOfClasses) = (base, smoothing, isOfClasses)
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
    smooth(targets, samples: numbers.count, outputs: outputs)
  }

  package func copyTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    base.copyTargets(numbers, outputs: outputs, to: targets, scratch: scratch)
    smooth(targets, samples: numbers.count, outputs: outputs)
  }

  /// target ← (1 − smoothing) · target + smoothing / classes, or / 2.
  private func smooth(_ targets: UnsafeMutablePointer<Float>, samples: Int, outputs: Int) {
    let spread = smoothing / (isOfClasses ? Float(outputs) : 2)
    for i in 0..<samples * outputs { targets[i] = spread + (1 - smoothing) * targets[i] }
  }
}
