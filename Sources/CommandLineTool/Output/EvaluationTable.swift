import MiniCNN

/// An evaluation as people read it.
struct EvaluationTable {
  let file: String
  let evaluation: Evaluation
  let names: [String]
  /// Whether the weights are an average over the run's steps.
  let isAverage: Bool

  /// Prints the details first: what matters most stands where the eye is when it ends.
  func print() {
    let width = max(5, names.map(\.count).max() ?? 0)
    Terminal.result(
      "\(Format.left("class", width))  precision    recall  support")
    for (name, report) in zip(names, evaluation.classes) {
      let precision = report.precision.map(Format.percent) ?? "-"
      let recall = report.recall.map(Format.percent) ?? "-"
      Terminal.result(
        "\(Format.left(name, width))  \(Format.right(precision, 9)) \(Format.right(recall, 9))"
          + " \(Format.right("\(report.support)", 8))")
    }
    Terminal.result("")
    Terminal.result("confusion (rows: truth, columns: prediction)")
    let cell = max(5, evaluation.confusion.joined().map { "\($0)".count }.max() ?? 0)
    Terminal.result(
      String(repeating: " ", count: width)
        + names.map { " " + Format.right(String($0.prefix(cell)), cell) }.joined())
    for (name, row) in zip(names, evaluation.confusion) {
      Terminal.result(
        Format.left(name, width)
          + row.map { " " + Format.right($0 == 0 ? "·" : "\($0)", cell) }.joined())
    }
    Terminal.result("")
    Terminal.result("loss \(Format.fixed(evaluation.loss, 4))")
    Terminal.result(
      "\(file): accuracy \(Format.accuracy(evaluation))"
        + (isAverage ? ", averaged weights" : ""))
  }
}
