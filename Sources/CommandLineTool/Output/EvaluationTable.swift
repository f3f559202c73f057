import Files
import MiniCNN

/// An evaluation as people read it.
struct EvaluationTable {
  let file: String
  let evaluation: Evaluation
  let names: [String]
  /// Whether the weights are an average over the run's steps.
  let isAverage: Bool

  /// Prints the details first: what matters most comes last, where the reader looks.
  func print() {
    let width = Terminal.resultColumns
    let ending = isAverage ? ", averaged weights" : ""
    guard evaluation.hasClasses else {
      printMetrics()
      return Terminal.result("\(file): loss \(Format.fixed(evaluation.loss, 4))\(ending)")
    }
    for line in classes.lines(width: width) + [""] + confusion(width: width) + [""] {
      Terminal.result(line)
    }
    printMetrics()
    Terminal.result("loss \(Format.fixed(evaluation.loss, 4))")
    Terminal.result("\(file): accuracy \(Format.accuracy(evaluation))\(ending)")
  }

  private func printMetrics() {
    for metric in evaluation.metrics {
      Terminal.result("\(metric.name) \(Format.fixed(metric.value, 4))")
    }
  }

  private var classes: Table {
    var table = Table([
      .text("class"), .number("precision"), .number("recall"), .number("support"),
    ])
    for (name, report) in zip(names, evaluation.classes) {
      table.add([
        name, report.precision.map(Format.percent) ?? "-",
        report.recall.map(Format.percent) ?? "-", "\(report.support)",
      ])
    }
    return table
  }

  /// The confusion matrix; where there is no room for it, what each class was taken for.
  func confusion(width: Int?) -> [String] {
    let cell = max(5, evaluation.confusion.joined().map { "\($0)".count }.max() ?? 0)
    var table = Table(
      [.text("")] + names.map { .number(String($0.onOneLine.prefix(cell)), minimum: cell) }, gap: 1)
    for (name, row) in zip(names, evaluation.confusion) {
      table.add([name] + row.map { $0 == 0 ? "·" : "\($0)" })
    }
    guard let width, !table.fits(width) else {
      return ["confusion (rows: truth, columns: prediction)"] + table.lines(width: nil)
    }
    let rows = zip(names, evaluation.confusion).flatMap { name, row in
      let taken = zip(names, row).filter { $1 > 0 }.map { "\($0): \($1)" }
      let text = taken.isEmpty ? "no images" : taken.joined(separator: ", ")
      let lines = Format.wrapped("\(name) → \(text)".onOneLine, to: width - 2)
      return lines.prefix(1) + lines.dropFirst().map { "  \($0)" }
    }
    return ["confusion (truth → prediction: images)"] + rows
  }
}
