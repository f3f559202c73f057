import MiniCNN

/// What `--json` prints.
struct ExportOutput: Encodable {
  struct Verified: Encodable {
    let images: Int
    let sameClass: Int
    let largestDifference: Float

    init?(_ verification: ModelExport.Verification) {
      guard case .done(let check) = verification else { return nil }
      (images, sameClass) = (check.images, check.sameClass)
      largestDifference = check.largestDifference
    }
  }

  struct Int8: Encodable {
    let accuracy: Double
    let floatAccuracy: Double
    let loss: Double
    let samples: Int
    let pValue: Double
    let bytes: Int

    init(_ report: QuantizationReport) {
      (accuracy, floatAccuracy, loss) = (report.accuracy, report.floatAccuracy, report.loss)
      (samples, pValue) = (report.comparison.samples, report.comparison.pValue)
      bytes = report.quantized.constantBytes
    }
  }

  let file: String
  let files: [String]
  let bytes: Int
  let format: String
  let weights: StoredWeights
  let verified: Verified?
  let int8: Int8?

  /// Every key is in every answer.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(file, forKey: .file)
    try container.encode(files, forKey: .files)
    try container.encode(bytes, forKey: .bytes)
    try container.encode(format, forKey: .format)
    try container.encode(weights, forKey: .weights)
    try container.encode(verified, forKey: .verified)
    try container.encode(int8, forKey: .int8)
  }

  private enum CodingKeys: CodingKey { case file, files, bytes, format, weights, verified, int8 }
}

extension ModelExport.Verification {
  /// A line for a person.
  var text: String {
    switch self {
    case .skipped: "not verified"
    case .missing(let what): "not verified: this machine lacks \(what)"
    case .done(let check):
      "verified: read back, \(check.sameClass) of \(check.images) images get the same class, outputs "
        + (check.largestDifference == 0
          ? "are the same bits"
          : "differ by at most \(Format.significant(Double(check.largestDifference)))")
    }
  }
}
