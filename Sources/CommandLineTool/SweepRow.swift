import MiniCNN

/// The runs of one model with one choice of settings.
struct SweepRow {
  let model: String
  let settings: String
  let results: [SweepRecord]

  /// The runs that have no accuracy.
  var failed: Int { results.count { $0.accuracy == nil } }

  /// The accuracies of the others, where there are any.
  var accuracy: Spread? {
    let values = results.compactMap(\.accuracy)
    return values.isEmpty ? nil : Spread(values)
  }

  /// The seconds of those runs.
  var seconds: Spread? {
    let values = results.filter { $0.accuracy != nil }.map(\.seconds)
    return values.isEmpty ? nil : Spread(values)
  }

  /// What so few images leave open of the median: the 95 % interval of one run with that accuracy.
  /// All runs see the same images, so that many of them make it no narrower.
  var interval: ClosedRange<Double>? {
    guard let accuracy, let images = results.compactMap(\.images).min() else { return nil }
    return AccuracyInterval.of(accuracy.median, samples: images)
  }
}
