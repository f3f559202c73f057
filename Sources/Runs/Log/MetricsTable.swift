import Files
import Training

/// `metrics.csv` of a run: a header and a row for each epoch that is done.
struct MetricsTable: Equatable {
  /// What every such file begins with.
  static let start = "epoch,step,learning_rate,loss,accuracy,validation_loss,validation_accuracy"
  /// What differs between runs that are otherwise equal: the last columns.
  private static let times = ["seconds", "images_per_second"]

  /// The header and the rows, each without the end of its line.
  let lines: [String]

  /// The table of a run.
  ///
  /// - Parameters:
  ///   - metrics: the names of the settings' metrics.
  ///   - stepsPerEpoch: the batches of an epoch.
  ///   - samples: the samples that train, each of them seen once in an epoch.
  init(_ history: [EpochRecord], metrics: [String], stepsPerEpoch: Int, samples: Int) {
    let header =
      [Self.start] + metrics.map { Self.field("validation_\($0)") } + Self.times
    lines =
      [header.joined(separator: ",")]
      + history.map { record in
        let numbers: [Double?] =
          [
            record.learningRate, record.loss, record.accuracy, record.validationLoss,
            record.validationAccuracy,
          ] + metrics.map { record.validationMetrics?[$0] }
        let speed = record.seconds > 0 ? (Double(samples) / record.seconds).rounded() : nil
        let times = [(record.seconds * 1e3).rounded() / 1e3, speed]
        let fields =
          ["\(record.epoch)", "\(record.epoch * stepsPerEpoch)"]
          + (numbers + times).map(Self.number)
        return fields.joined(separator: ",")
      }
  }

  /// The table that a file holds; `nil` where it holds something else.
  init?(text: String) {
    lines = text.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
    guard let header = lines.first, header == Self.start || header.hasPrefix(Self.start + ",")
    else {
      return nil
    }
  }

  /// The file's text.
  var text: String { lines.joined(separator: "\n") + "\n" }

  /// Whether an epoch is done.
  var hasEpochs: Bool { lines.count > 1 }

  /// Whether a table may be an earlier one of the same run: in the epochs that both have they say the same but for
  /// the times. Of a run that is in its first epoch, it may have the row of that one, which was written before the
  /// state.
  func mayBeOfSameRun(as own: MetricsTable) -> Bool {
    (own.hasEpochs || lines.count <= 2)
      && zip(lines, own.lines).allSatisfy { Self.lasting($0) == Self.lasting($1) }
  }

  /// A line without its times.
  private static func lasting(_ line: String) -> [String] {
    line[...].utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .dropLast(times.count).map { String(Substring($0)) }
  }

  /// A number in the fewest digits that give it back; nothing where it is missing or not finite.
  private static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "" }
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func field(_ text: String) -> String {
    text.unicodeScalars.contains { $0 == "," || $0 == "\"" } ? CSV.quoted(text) : text
  }
}
