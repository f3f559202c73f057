import MiniCNN

/// The runs of one model with one choice of settings.
struct SweepRow {
  let model: String
  let settings: String
  let results: [SweepRecord]

  var accuracy: Spread { Spread(results.map(\.accuracy)) }
  var seconds: Spread { Spread(results.map(\.seconds)) }
}

/// What a sweep has shown.
struct SweepTable: Encodable {
  let score: SweepSpec.Score
  let rows: [SweepRow]

  /// The rows, best first by validation; as they stand in the file by test, which is not chosen by.
  private var ranked: [SweepRow] {
    score == .test ? rows : rows.sorted { $0.accuracy.mean > $1.accuracy.mean }
  }

  func print() {
    let models = max(5, rows.map(\.model.count).max() ?? 0)
    func line(_ cells: [String], _ model: String, _ setting: String) {
      Terminal.result(
        Format.left(model, models) + "  "
          + cells.map { Format.right($0, 8) }.joined(separator: " ") + "  " + setting)
    }
    Terminal.result("\(score.rawValue) accuracy in %")
    line(["runs", "mean", "± sd", "median", "min", "max", "seconds"], "model", "settings")
    for row in ranked {
      let a = row.accuracy
      let numbers = [a.mean, a.deviation, a.median, a.least, a.most].map {
        Format.fixed(100 * $0, 2)
      }
      line(
        ["\(row.results.count)"] + numbers + [Format.fixed(row.seconds.median, 1)], row.model,
        row.settings)
    }
  }

  /// Writes `table.csv`.
  func save(in folder: String) throws(FileError) {
    let lines = ranked.map { row in
      let a = row.accuracy
      return "\(row.model),\(row.results.count),\(a.mean),\(a.deviation),\(a.median),\(a.least),"
        + "\(a.most),\(Format.fixed(row.seconds.median, 2)),\(CSV.quoted(row.settings))"
    }
    let header = "model,runs,mean,deviation,median,least,most,seconds,settings"
    let text = ([header] + lines).joined(separator: "\n") + "\n"
    try AtomicFile.write(Array(text.utf8), to: "\(folder)/table.csv")
  }

  private enum CodingKeys: String, CodingKey { case score, rows }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(score.rawValue, forKey: .score)
    try container.encode(ranked.map(Row.init), forKey: .rows)
  }

  private struct Row: Encodable {
    let model: String
    let settings: String
    let runs: Int
    let mean: Double
    let deviation: Double
    let median: Double
    let least: Double
    let most: Double
    let seconds: Double

    init(_ row: SweepRow) {
      let a = row.accuracy
      (model, settings, runs) = (row.model, row.settings, row.results.count)
      (mean, deviation, median) = (a.mean, a.deviation, a.median)
      (least, most, seconds) = (a.least, a.most, row.seconds.median)
    }
  }
}
