import Training

/// The runs of one model with one choice of settings.
public struct SweepRow: Sendable {
  /// The model's name, or its file where another file's has the same.
  public let model: String
  /// What the settings are called.
  public let settings: String
  /// The runs, in the order of the seeds.
  public let results: [SweepRecord]

  init(model: String, settings: String, results: [SweepRecord]) {
    (self.model, self.settings, self.results) = (model, settings, results)
  }

  /// The runs that have no accuracy.
  public var failed: Int { results.count { $0.accuracy == nil } }

  /// The accuracies of the others, where there are any.
  public var accuracy: Spread? {
    let values = results.compactMap(\.accuracy)
    return values.isEmpty ? nil : Spread(values)
  }

  /// The seconds of those runs.
  public var seconds: Spread? {
    let values = results.filter { $0.accuracy != nil }.map(\.seconds)
    return values.isEmpty ? nil : Spread(values)
  }

  /// The uncertainty of the median that the number of images leaves: the 95 % interval of one run
  /// with that accuracy. All runs see the same images, so more of them do not narrow it.
  public var interval: ClosedRange<Double>? {
    guard let accuracy, let images = results.compactMap(\.images).min() else { return nil }
    return AccuracyInterval.of(accuracy.median, samples: images)
  }
}
