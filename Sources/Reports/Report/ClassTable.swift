import Training

/// How a network does on each class, with what that is worth.
struct ClassTable {
  let evaluation: Evaluation
  let names: [String]

  var markup: Markup {
    tag("table") {
      tag("thead") {
        tag("tr") {
          for name in ["class", "images", "recall", "95 % interval", "precision", "95 % interval"] {
            tag("th", ["scope": "col"]) { name }
          }
        }
      }
      tag("tbody") {
        for (number, report) in evaluation.classes.enumerated() {
          let taken = evaluation.confusion.reduce(0) { $0 + $1[number] }
          tag("tr") {
            tag("th", ["scope": "row"]) { names[number] }
            cell(Format.grouped(report.support))
            cell(report.recall.map(Format.percent) ?? "–")
            cell(Self.interval(report.recall, report.support))
            cell(report.precision.map(Format.percent) ?? "–")
            cell(Self.interval(report.precision, taken))
          }
        }
      }
    }
  }

  private func cell(_ text: String) -> Markup { tag("td", ["class": "number"]) { text } }

  private static func interval(_ share: Double?, _ samples: Int) -> String {
    guard let share else { return "–" }
    let interval = AccuracyInterval.of(share, samples: samples)
    return
      "\(Format.fixed(100 * interval.lowerBound, 1)) to \(Format.fixed(100 * interval.upperBound, 1)) %"
  }
}
