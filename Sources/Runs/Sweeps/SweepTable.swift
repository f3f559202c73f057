import Files
import Training

/// The results of a sweep.
public struct SweepTable: Sendable {
  /// What its runs are scored by.
  public let score: SweepSpec.Score
  /// A row for each model and choice of settings, in the order of the sweep's file.
  public let rows: [SweepRow]

  /// The number of runs of all rows.
  public var runs: Int { rows.reduce(0) { $0 + $1.results.count } }
  /// Those of them that failed.
  public var failed: Int { rows.reduce(0) { $0 + $1.failed } }

  /// The rows: best first by validation; in the file's order by test, which is not for choosing.
  public var ranked: [SweepRow] {
    score == .test
      ? rows : rows.sorted { ($0.accuracy?.mean ?? -1) > ($1.accuracy?.mean ?? -1) }
  }

  /// Writes the table as comma-separated values, a line for each row, as in ``ranked``.
  public func save(to path: String) throws(FileError) {
    let lines = ranked.map { row in
      let a = row.accuracy
      let numbers: [Double?] = [
        a?.mean, a?.deviation, a?.median, a?.least, a?.most, row.interval?.lowerBound,
        row.interval?.upperBound, row.seconds.map { ($0.median * 100).rounded() / 100 },
      ]
      return
        ([CSV.quoted(row.model), "\(row.results.count)", "\(row.failed)"]
        + numbers.map { number in number.map { "\($0)" } ?? "" } + [CSV.quoted(row.settings)])
        .joined(separator: ",")
    }
    let header =
      "model,runs,failed,mean,deviation,median,least,most,interval_low,interval_high,seconds,settings"
    let text = ([header] + lines).joined(separator: "\n") + "\n"
    try AtomicFile.write(Array(text.utf8), to: path)
  }
}
