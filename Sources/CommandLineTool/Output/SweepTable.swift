import MiniCNN

extension SweepTable {
  /// Prints the rows, best first where the score is one to choose by.
  func print() {
    Terminal.result("\(score.rawValue) accuracy in %")
    table.print()
  }

  private var table: Table {
    func percent(_ share: Double) -> String { Format.fixed(100 * share, 2) }
    var table = Table([
      .text("model"), .number("runs"), .number("failed"), .number("mean"), .number("± sd"),
      .number("median", mayBeMissed: true), .number("min", mayBeMissed: true),
      .number("max", mayBeMissed: true), .number("95 % interval"),
      .number("seconds", mayBeMissed: true), .text("settings"),
    ])
    for row in ranked {
      var cells = [row.model, "\(row.results.count)", "\(row.failed)"]
      if let a = row.accuracy, let interval = row.interval, let seconds = row.seconds {
        cells += [a.mean, a.deviation, a.median, a.least, a.most].map { $0.map(percent) ?? "-" }
        cells.append("\(percent(interval.lowerBound)) to \(percent(interval.upperBound))")
        cells.append(Format.fixed(seconds.median, 1))
      } else {
        cells += [String](repeating: "-", count: 7)
      }
      table.add(cells + [row.settings])
    }
    return table
  }
}

/// What `--json` prints; a row whose runs all failed has no numbers.
struct SweepOutput: Encodable {
  struct Row: Encodable {
    let model: String
    let settings: String
    let runs: Int
    let failed: Int
    let mean: Double?
    let deviation: Double?
    let median: Double?
    let least: Double?
    let most: Double?
    let interval: [Double]?
    let seconds: Double?
    let failures: [String]

    init(_ row: SweepRow) {
      let a = row.accuracy
      (model, settings, runs, failed) = (row.model, row.settings, row.results.count, row.failed)
      (mean, deviation, median) = (a?.mean, a?.deviation, a?.median)
      (least, most, seconds) = (a?.least, a?.most, row.seconds?.median)
      interval = row.interval.map { [$0.lowerBound, $0.upperBound] }
      failures = row.results.compactMap {
        if case .failed(let reason) = $0.outcome { "seed \($0.seed): \(reason)" } else { nil }
      }
    }
  }

  let score: String
  let rows: [Row]

  init(_ table: SweepTable) {
    (score, rows) = (table.score.rawValue, table.ranked.map(Row.init))
  }
}
