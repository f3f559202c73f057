import Training

/// The runs of one model with one choice of settings.
public struct SweepRow: Sendable {
  /// The model's name, or its file where another file's has the same.
  public let model: String
  /// What the settings are called.
  public let settings: String
  /// The runs, in the order of folds and seeds.
  public let results: [SweepRecord]
  /// Whether the runs of a seed validate on folds that hold each image once.
  private let hasFolds: Bool

  init(model: String, settings: String, hasFolds: Bool, results: [SweepRecord]) {
    (self.model, self.settings, self.hasFolds) = (model, settings, hasFolds)
    self.results = results
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

  /// The uncertainty that the number of images leaves: the 95 % interval of one run with the median
  /// accuracy, as all runs see the same images, so that more of them do not narrow it. With folds that of
  /// the mean, on the images of all folds of a seed.
  public var interval: ClosedRange<Double>? {
    guard let accuracy, let images = images.min() else { return nil }
    return AccuracyInterval.of(hasFolds ? accuracy.mean : accuracy.median, samples: images)
  }

  /// The images of each run, or of all folds of each seed.
  private var images: [Int] {
    guard hasFolds else { return results.compactMap(\.images) }
    return Dictionary(grouping: results.filter { $0.images != nil }, by: \.seed).values.map {
      $0.reduce(0) { sum, record in
        let (total, overflows) = sum.addingReportingOverflow(record.images ?? 0)
        return overflows ? .max : total
      }
    }
  }
}
