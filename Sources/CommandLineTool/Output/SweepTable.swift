import MiniCNN

extension SweepTable {
  /// Prints the rows, best first where they are chosen by.
  func print() {
    let models = max(5, rows.map(\.model.count).max() ?? 0)
    let widths = [4, 6, 6, 6, 6, 6, 6, 15, 8]
    func line(_ cells: [String], _ model: String, _ setting: String) {
      Terminal.result(
        Format.left(model, models) + "  "
          + zip(cells, widths).map(Format.right).joined(separator: "  ") + "  " + setting)
    }
    func percent(_ share: Double) -> String { Format.fixed(100 * share, 2) }
    Terminal.result("\(score.rawValue) accuracy in %")
    line(
      ["runs", "failed", "mean", "± sd", "median", "min", "max", "95 % interval", "seconds"],
      "model", "settings")
    for row in ranked {
      var cells = ["\(row.results.count)", "\(row.failed)"]
      if let a = row.accuracy, let interval = row.interval, let seconds = row.seconds {
        cells += [a.mean, a.deviation, a.median, a.least, a.most].map { $0.map(percent) ?? "-" }
        cells.append("\(percent(interval.lowerBound)) to \(percent(interval.upperBound))")
        cells.append(Format.fixed(seconds.median, 1))
      } else {
        cells += [String](repeating: "-", count: 7)
      }
      line(cells, row.model, row.settings)
    }
  }
}
